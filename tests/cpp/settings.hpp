// Settings that work: made for the emulator with its documented key, so that a test only says what it changes.
#ifndef SETTINGS_HPP
#define SETTINGS_HPP

#include "../c/client.h"

#include <tencent_chat.hpp>

#include <chrono>

// Patient, so that a slow machine or valgrind is never taken for a silent service.
inline tencent_chat::Config settings() {
  tencent_chat::Config config;
  config.base_url(place.base_url).ca_file(place.ca_file).sdk_app_id(SDK_APP_ID).identifier(ADMIN).secret_key(KEY);
  config.timeout(std::chrono::seconds(60)).attempt_timeout(std::chrono::seconds(60)).connect_timeout(std::chrono::seconds(30));
  return config;
}

// For tests of what one attempt comes to: calls are never repeated.
inline tencent_chat::Config settings_for_one_attempt() {
  tencent_chat::Config config = settings();
  config.max_attempts(1);
  return config;
}

// Runs what has to throw exactly this class, and gives the error for a closer look.
template <typename Expected, typename Run>
Expected thrown_by(int line, tencent_chat::Code code, const Run& run) {
  try {
    run();
  } catch (const Expected& error) {
    check_int(__FILE__, line, "code", error.number(), static_cast<int>(code));
    return error;
  } catch (const std::exception& error) {
    broken(__FILE__, line, error.what());
    return Expected(code, "another error was thrown");
  }
  broken(__FILE__, line, "nothing was thrown");
  return Expected(code, "nothing was thrown");
}

#endif
