/// @file tencent_chat.hpp
/// The C++17 face of the Tencent Chat REST client: owning handles and exceptions over tencent_chat.h, header-only. This file is the
/// one to include; its parts in tencent_chat/ are named by what they hold. Handles free themselves and are never copied, and a
/// failure keeps everything that the C API knows about it. Every rule, code and message is the library's, except for what C cannot
/// take, such as text with a NUL.
///
/// Threads: a Client, a Cancel and a finished Response may be used by any number of threads at once; a CallOptions is set
/// by one thread and may then be read by many; a Config and an Items belong to one thread at a time. Moving from or destroying an
/// object is like writing to it. Link with -ltencent_chat.

#ifndef TENCENT_CHAT_HPP
#define TENCENT_CHAT_HPP

#include <tencent_chat/call_options.hpp>  // Cancel, CallOptions
#include <tencent_chat/client.hpp>        // Client
#include <tencent_chat/codes.hpp>         // Code
#include <tencent_chat/config.hpp>        // Config
#include <tencent_chat/contacts.hpp>      // Contact, Mark, Account, split
#include <tencent_chat/error.hpp>         // Error and its classes
#include <tencent_chat/items.hpp>         // Items
#include <tencent_chat/response.hpp>      // Response
#include <tencent_chat/results.hpp>       // what the calls answer
#include <tencent_chat/stats.hpp>         // Stats
#include <tencent_chat/user_sig.hpp>      // user_sig_new, private_map_key_new, user_sig_inspect

#endif  // TENCENT_CHAT_HPP
