/// @file user_sig.hpp
/// UserSigs for an app's users: making them, and saying what one holds. Needs no client and sends nothing.

#ifndef TENCENT_CHAT_USER_SIG_HPP
#define TENCENT_CHAT_USER_SIG_HPP

#include <tencent_chat.h>
#include <tencent_chat/error.hpp>
#include <tencent_chat/handle.hpp>
#include <tencent_chat/response.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tencent_chat {

namespace detail {

/// The body of a response that `call` makes; throws unless it succeeded.
template <typename Call>
[[nodiscard]] Response made_here(const Call& call) {
  chat_response* raw = nullptr;
  const int code = call(&raw);
  Response response(raw);
  require(code, response);
  return response;
}

[[nodiscard]] inline std::string private_map_key(std::uint32_t sdk_app_id, std::string_view identifier, std::string_view secret_key,
                                                 std::chrono::seconds lifetime, std::uint32_t room_id, const char* string_room_id,
                                                 std::uint32_t privilege_map) {
  const Text user("identifier", identifier), key("secret_key", secret_key);
  const std::uint32_t lifetime_s = to_u32("lifetime_s", lifetime);
  return std::string(made_here([&](chat_response** response) {
                       return chat_private_map_key_new(sdk_app_id, user.c_str(), key.c_str(), lifetime_s, room_id, string_room_id,
                                                       privilege_map, response);
                     }).body());
}

}  // namespace detail

/// Makes a UserSig for any user of the app (1047/34385), valid for `lifetime` from now. It is a secret: whoever has it is that user.
/// Throws InvalidArgument.
[[nodiscard]] inline std::string user_sig_new(std::uint32_t sdk_app_id, std::string_view identifier, std::string_view secret_key,
                                              std::chrono::seconds lifetime) {
  const detail::Text user("identifier", identifier), key("secret_key", secret_key);
  const std::uint32_t lifetime_s = detail::to_u32("lifetime_s", lifetime);
  return std::string(detail::made_here([&](chat_response** response) {
                       return chat_user_sig_new(sdk_app_id, user.c_str(), key.c_str(), lifetime_s, response);
                     }).body());
}

/// Makes a UserSig that allows its user certain things in one room of TRTC, which the vendor calls a PrivateMapKey. `privilege_map` is
/// what chat_private_map_key_new says; 255 is everything. Throws InvalidArgument.
[[nodiscard]] inline std::string private_map_key_new(std::uint32_t sdk_app_id, std::string_view identifier, std::string_view secret_key,
                                                     std::chrono::seconds lifetime, std::uint32_t room_id,
                                                     std::uint32_t privilege_map = 255) {
  return detail::private_map_key(sdk_app_id, identifier, secret_key, lifetime, room_id, nullptr, privilege_map);
}
/// The same for a room with a name.
[[nodiscard]] inline std::string private_map_key_new(std::uint32_t sdk_app_id, std::string_view identifier, std::string_view secret_key,
                                                     std::chrono::seconds lifetime, std::string_view string_room_id,
                                                     std::uint32_t privilege_map = 255) {
  const detail::Text room("string_room_id", string_room_id);
  return detail::private_map_key(sdk_app_id, identifier, secret_key, lifetime, 0, room.c_str(), privilege_map);
}

/// What a PrivateMapKey allows.
struct PrivateMap {
  std::string identifier{};
  std::uint32_t sdk_app_id = 0;
  /// The room's number; nothing for a room with a name.
  std::optional<std::uint32_t> room_id{};
  std::optional<std::string> string_room_id{};
  /// Seconds since 1970.
  std::int64_t expires = 0;
  std::uint32_t privilege_map = 0;
};

/// What a UserSig says, and whether it fits.
struct InspectedUserSig {
  std::string identifier{};
  std::uint32_t sdk_app_id = 0;
  /// Seconds since 1970.
  std::int64_t made = 0;
  std::int64_t expires = 0;
  bool is_expired = false;
  /// Nothing where it was not checked.
  std::optional<bool> app_matches{};
  std::optional<bool> key_matches{};
  /// Whether the service would take it, as far as was checked; `verdict` is the first thing that speaks against it.
  bool is_valid = false;
  std::string verdict{};
  /// Of a PrivateMapKey.
  std::optional<PrivateMap> private_map{};
};

/// Opens a UserSig, whoever made it. `sdk_app_id` 0 and no key: that is not checked. Throws InvalidArgument when it is no UserSig.
[[nodiscard]] inline InspectedUserSig user_sig_inspect(std::string_view user_sig, std::uint32_t sdk_app_id = 0,
                                                       std::optional<std::string_view> secret_key = std::nullopt) {
  const detail::Text sig("user_sig", user_sig), key("secret_key", secret_key.value_or(""));
  const Response told = detail::made_here([&](chat_response** response) {
    return chat_user_sig_inspect(sig.c_str(), sdk_app_id, secret_key ? key.c_str() : nullptr, response);
  });
  const auto text = [&](const char* pointer) { return std::string(told.str(pointer).value_or("")); };
  const auto number = [&](const char* pointer) { return told.integer(pointer).value_or(0); };
  const auto number32 = [&](const char* pointer) { return static_cast<std::uint32_t>(number(pointer)); };
  InspectedUserSig found{text("/identifier"), number32("/sdk_app_id"), number("/made"), number("/expires"),
                         told.boolean("/expired").value_or(false), told.boolean("/app_matches"), told.boolean("/key_matches"),
                         told.boolean("/valid").value_or(false), text("/verdict"), std::nullopt};
  if (!told.has("/private_map")) return found;
  PrivateMap map{text("/private_map/identifier"), number32("/private_map/sdk_app_id"), std::nullopt, std::nullopt,
                 number("/private_map/expires"), number32("/private_map/privilege_map")};
  if (told.has("/private_map/room_id")) map.room_id = number32("/private_map/room_id");
  if (told.has("/private_map/string_room_id")) map.string_room_id = text("/private_map/string_room_id");
  found.private_map = map;
  return found;
}

}  // namespace tencent_chat

#endif  // TENCENT_CHAT_USER_SIG_HPP
