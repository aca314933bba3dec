/// @file call_options.hpp
/// What one call does differently from its client, and the token that ends calls. An exception thrown by an interrupt
/// callback is carried around the C code to the caller.

#ifndef TENCENT_CHAT_CALL_OPTIONS_HPP
#define TENCENT_CHAT_CALL_OPTIONS_HPP

#include <tencent_chat.h>
#include <tencent_chat/error.hpp>
#include <tencent_chat/handle.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace tencent_chat {

namespace detail {

/// A callback that C asks, and what it threw. Each call asks on its own thread, so that is what tells the calls apart.
class Interrupt {
 public:
  explicit Interrupt(std::function<bool()> stop) : stop_(std::move(stop)) {}

  static int ask(void* user) noexcept {
    auto& asked = *static_cast<Interrupt*>(user);
    try {
      return asked.stop_() ? 1 : 0;
    } catch (...) {
      asked.keep(std::current_exception());
      return 1;
    }
  }
  /// Throws what the callback threw in this thread's call, when that is back from C.
  void rethrow() {
    std::exception_ptr thrown;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      const auto found = thrown_.find(std::this_thread::get_id());
      if (found == thrown_.end()) return;
      thrown = std::move(found->second);
      thrown_.erase(found);
    }
    std::rethrow_exception(std::move(thrown));
  }

 private:
  void keep(std::exception_ptr thrown) noexcept {
    try {
      const std::lock_guard<std::mutex> lock(mutex_);
      thrown_[std::this_thread::get_id()] = std::move(thrown);
    } catch (...) {  // no memory to keep it in: the call still ends, with CancelledError
    }
  }

  std::function<bool()> stop_;
  std::mutex mutex_;
  std::map<std::thread::id, std::exception_ptr> thrown_;
};

}  // namespace detail

/// Ends calls from another thread: every call whose options carry it, those to come included. Any number of threads.
class Cancel {
 public:
  Cancel() : handle_(chat_cancel_new()) {}
  /// Ends the calls at once with CancelledError; cannot be taken back.
  void trigger() const noexcept { chat_cancel_trigger(handle()); }
  /// The C handle, still owned by this object.
  [[nodiscard]] const chat_cancel* handle() const noexcept { return handle_.get(); }

 private:
  detail::Handle<chat_cancel, &chat_cancel_free> handle_;
};

/// What one call does differently from its client. `{}` changes nothing. Set by one thread, then read by any number. Setters can be
/// chained, also on a temporary: `CallOptions().timeout(5s).random(7)` can be moved from.
class CallOptions {
 public:
  /// Total time of the call instead of the client's.
  CallOptions& timeout(std::chrono::milliseconds time) & {
    const std::uint32_t ms = detail::to_u32("timeout_ms", time);
    return checked(chat_call_options_set_timeout_ms(made(), ms));
  }
  CallOptions&& timeout(std::chrono::milliseconds time) && { return std::move(timeout(time)); }
  /// Time of each attempt instead of the client's.
  CallOptions& attempt_timeout(std::chrono::milliseconds time) & {
    const std::uint32_t ms = detail::to_u32("attempt_timeout_ms", time);
    return checked(chat_call_options_set_attempt_timeout_ms(made(), ms));
  }
  CallOptions&& attempt_timeout(std::chrono::milliseconds time) && { return std::move(attempt_timeout(time)); }
  /// Time for making a connection instead of the client's.
  CallOptions& connect_timeout(std::chrono::milliseconds time) & {
    const std::uint32_t ms = detail::to_u32("connect_timeout_ms", time);
    return checked(chat_call_options_set_connect_timeout_ms(made(), ms));
  }
  CallOptions&& connect_timeout(std::chrono::milliseconds time) && { return std::move(connect_timeout(time)); }
  /// How often the call is tried at most, 1 to 10, instead of the client's.
  CallOptions& max_attempts(std::uint32_t n) & { return checked(chat_call_options_set_max_attempts(made(), n)); }
  CallOptions&& max_attempts(std::uint32_t n) && { return std::move(max_attempts(n)); }
  /// Whether the call may be repeated when nobody knows if an attempt took effect. Unless set the command decides:
  /// create_contact_group, account_delete and call are not, since doing them twice differs from doing them once.
  CallOptions& repeat_in_doubt(bool yes) & { return checked(chat_call_options_set_repeat_in_doubt(made(), yes ? 1 : 0)); }
  CallOptions&& repeat_in_doubt(bool yes) && { return std::move(repeat_in_doubt(yes)); }
  /// The `random` to send; 0 is a value. A new one for each attempt unless set.
  CallOptions& random(std::uint32_t number) & { return checked(chat_call_options_set_random(made(), number)); }
  CallOptions&& random(std::uint32_t number) && { return std::move(random(number)); }
  /// Lets this token end the call. The options keep what they need of it: `token` may be destroyed at any time.
  CallOptions& cancel(const Cancel& token) & { return checked(chat_call_options_set_cancel(made(), token.handle())); }
  CallOptions&& cancel(const Cancel& token) && { return std::move(cancel(token)); }
  /// `stop` is asked on the calling thread after each signal (EINTR) and every 200 ms; true ends the call with CancelledError. An
  /// exception in it ends the call too and comes out of it; whether the call took effect is then not told.
  CallOptions& interrupt(std::function<bool()> stop) & {
    if (!stop) detail::fail(CHAT_ERR_INVALID_ARGUMENT, "stop: an empty function; give one to ask");
    auto asked = std::make_unique<detail::Interrupt>(std::move(stop));
    checked(chat_call_options_set_interrupt(made(), &detail::Interrupt::ask, asked.get()));
    interrupt_ = std::move(asked);
    return *this;
  }
  CallOptions&& interrupt(std::function<bool()> stop) && { return std::move(interrupt(std::move(stop))); }

  /// The C handle, still owned by this object; null while nothing is set.
  [[nodiscard]] const chat_call_options* handle() const noexcept { return handle_.get(); }
  /// For this library's own use: throws what the interrupt threw in the call that this thread just made.
  void rethrow() const {
    if (interrupt_) interrupt_->rethrow();
  }

 private:
  chat_call_options* made() {
    if (!handle_) handle_.reset(chat_call_options_new());
    return handle_.get();
  }
  CallOptions& checked(int code) {
    if (code != CHAT_OK) detail::fail(code, chat_call_options_message(handle()));
    return *this;
  }

  std::unique_ptr<detail::Interrupt> interrupt_;  // an address that survives a move of the options
  detail::Handle<chat_call_options, &chat_call_options_free> handle_;
};

}  // namespace tencent_chat

#endif  // TENCENT_CHAT_CALL_OPTIONS_HPP
