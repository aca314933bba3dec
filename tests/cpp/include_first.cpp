// The C++ header needs nothing before it, may be included twice and from two units of one program, and speaks of the same version.
// Compiled twice into one program: once as it is, once with -DSECOND_UNIT. Takes no arguments and needs no service.
#include <tencent_chat.hpp>
#include <tencent_chat.hpp>

std::string_view version_in_the_second_unit();

#ifdef SECOND_UNIT
std::string_view version_in_the_second_unit() { return tencent_chat::version(); }
#else
int main() { return version_in_the_second_unit() == CHAT_VERSION && tencent_chat::version() == CHAT_VERSION ? 0 : 1; }
#endif
