/// @file calls.hpp
/// Turns a C call into a typed result or an exception, and a long list into several calls and one joined result. A failed
/// item is never silent, and what was answered is never lost.

#ifndef TENCENT_CHAT_CALLS_HPP
#define TENCENT_CHAT_CALLS_HPP

#include <tencent_chat.h>
#include <tencent_chat/call_options.hpp>
#include <tencent_chat/contacts.hpp>
#include <tencent_chat/error.hpp>
#include <tencent_chat/response.hpp>
#include <tencent_chat/results.hpp>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tencent_chat::detail {

/// Makes one call and gives its code; throws what the caller's own code threw in it. `call` takes the place for the response and
/// returns the code.
template <typename Call>
[[nodiscard]] int made(const CallOptions& options, const Call& call, Response& response) {
  chat_response* raw = nullptr;
  const int code = call(&raw);
  response = Response(raw);
  options.rethrow();
  return code;
}

/// Makes one call; throws unless it succeeded.
template <typename Call>
[[nodiscard]] Response succeeded(const CallOptions& options, const Call& call) {
  Response response;
  const int code = made(options, call, response);
  require(code, response);
  return response;
}

/// Of a call that took effect.
inline std::string succeeded_but(const Reading& answer) { return "the call succeeded, but " + answer.wrong; }

/// Makes one call and reads its answer; throws unless it succeeded. A PartialError has the result too.
template <typename Result, typename Call>
[[nodiscard]] Result answered(const CallOptions& options, const Call& call) {
  Result result;
  const int code = made(options, call, result.response);
  if (code != CHAT_OK && code != CHAT_ERR_PARTIAL) require(code, result.response);
  Reading answer{result.response.handle()};
  read(answer, result);
  if (code == CHAT_OK && answer.wrong.empty()) return result;
  const auto kept = std::make_shared<const Result>(std::move(result));
  Evidence evidence;
  evidence.response = std::shared_ptr<const Response>(kept, &kept->response);
  evidence.result = kept;
  if (code == CHAT_OK) fail(CHAT_ERR_PROTOCOL, succeeded_but(answer), std::move(evidence));
  fail(code, kept->response.message(), std::move(evidence));
}

/// `most` for a list that one request has to take whole.
inline constexpr std::size_t unsplit = std::numeric_limits<std::size_t>::max();

/// Items of one request.
template <typename List>
struct Part {
  List list;
  std::size_t begin;
  std::size_t end;
};

/// Cuts a list, so that nothing is sent before every item was looked at. An empty list is one empty part: the call refuses it.
template <typename Item>
auto parts_of(const char* name, const std::vector<Item>& items, std::size_t most) {
  using List = decltype(list_of(name, items));
  std::vector<Part<List>> parts;
  std::size_t begin = 0;
  do {
    const std::size_t end = begin + std::min(most, items.size() - begin);
    parts.push_back(Part<List>{list_of(name, items, begin, end), begin, end});
    begin = end;
  } while (begin < items.size());
  return parts;
}

/// The message of one part, saying which when there are several. Places in it, such as "marks[7]", count from the part's first.
template <typename List>
std::string message_of(const Part<List>& part, std::size_t total, std::string_view message) {
  if (part.begin == 0 && part.end == total) return std::string(message);
  std::string text = "items " + std::to_string(part.begin) + " to " + std::to_string(part.end - 1) + " of " + std::to_string(total);
  return text.append(": ").append(message);
}

/// Calls part after part and joins their answers; throws as `Split` says. `call` takes a list and the place for the response.
template <typename Result, typename Item, typename Call>
[[nodiscard]] Result joined(const char* name, const std::vector<Item>& items, std::size_t most, const CallOptions& options,
                            const Call& call) {
  auto parts = parts_of(name, items, most);
  const auto refused = std::find_if(parts.begin(), parts.end(), [](const auto& part) { return part.list.has_refused; });
  const bool is_refused = refused != parts.end();
  if (is_refused) parts.erase(parts.begin(), refused);  // its call says why, and sends nothing

  Result result;
  std::vector<std::size_t> partial;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    Response response;
    const int code = made(options, [&](chat_response** raw) { return call(parts[i].list.handle.get(), raw); }, response);
    if (code != CHAT_OK && code != CHAT_ERR_PARTIAL) {
      const std::string message = message_of(parts[i], items.size(), response.message());
      Evidence evidence(std::move(response));
      evidence.done = is_refused ? 0 : parts[i].begin;
      if (evidence.done > 0) evidence.result = std::make_shared<const Result>(std::move(result));
      fail(code, message, std::move(evidence));
    }
    if (code == CHAT_ERR_PARTIAL) partial.push_back(i);
    Reading answer{response.handle()};
    read(answer, result);
    result.responses.push_back(std::move(response));
    if (answer.wrong.empty()) continue;
    const auto kept = std::make_shared<const Result>(std::move(result));
    Evidence evidence;
    evidence.response = std::shared_ptr<const Response>(kept, &kept->responses.back());
    evidence.result = kept;
    evidence.done = parts[i].end;
    fail(CHAT_ERR_PROTOCOL, message_of(parts[i], items.size(), succeeded_but(answer)), std::move(evidence));
  }
  if (partial.empty()) return result;

  const auto kept = std::make_shared<const Result>(std::move(result));
  const Response& first = kept->responses[partial.front()];
  std::string message = message_of(parts[partial.front()], items.size(), first.message());
  if (partial.size() > 1) message += "; items of " + std::to_string(partial.size() - 1) + " more requests failed";
  Evidence evidence;
  evidence.response = std::shared_ptr<const Response>(kept, &first);
  evidence.result = kept;
  evidence.done = items.size();
  fail(CHAT_ERR_PARTIAL, message, std::move(evidence));
}

}  // namespace tencent_chat::detail

#endif  // TENCENT_CHAT_CALLS_HPP
