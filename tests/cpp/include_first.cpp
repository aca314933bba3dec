// The C++ header needs nothing before it, may be included twice and from two units of one program, and speaks of the same version.
// Compiled twice into one program: once as it is, once with -DSECOND_UNIT. Takes no arguments and needs no service.
#include <tencent_chat.hpp>
#include <tencent_chat.hpp>

#if __cplusplus >= 202002L
#include <ranges>
#endif

// Under C++20 the iterations are ranges of the standard library as well.
#if defined(__cpp_lib_ranges)
static_assert(std::ranges::input_range<tencent_chat::Items<tencent_chat::ContactGroupEntry>>);
static_assert(std::ranges::input_range<tencent_chat::Items<tencent_chat::RecentContact>>);
#endif

std::string_view version_in_the_second_unit();

#ifdef SECOND_UNIT
std::string_view version_in_the_second_unit() { return tencent_chat::version(); }
#else
int main() { return version_in_the_second_unit() == CHAT_VERSION && tencent_chat::version() == CHAT_VERSION ? 0 : 1; }
#endif
