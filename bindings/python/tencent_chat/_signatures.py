"""The C functions as ctypes must know them: name -> (result, arguments), applied when the library is loaded.

Made by `make faces` from tencent_chat.h; not to be edited.
"""

from __future__ import annotations

import ctypes
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_double, c_int, c_int64, c_size_t, c_uint32, c_uint64, c_void_p
from typing import Any, Dict, Iterable, Optional, Tuple

#: major.minor of the ABI that this table describes; a library of another one is refused.
ABI = "0.1"

#: A pointer to one of the opaque types.
HANDLE = c_void_p
#: A string or JSON text handed in. `c_char_p` takes bytes only; `c_void_p` would take a str and pass it as wchar_t.
INPUT = c_char_p
#: A string handed out: the address stays, because `c_char_p` would cut the text at its first NUL.
TEXT = c_void_p
#: Where a function writes a handle.
OUT = POINTER(c_void_p)
#: Where a function writes the length of the string it hands out.
LENGTH = POINTER(c_size_t)
#: `int (*stop)(void *user)`: asked on the calling thread, 1 ends the call.
INTERRUPT = CFUNCTYPE(c_int, c_void_p)
#: `void (*attempt)(const char *attempt_json, void *user)`: told of each attempt, on the thread of the call.
ATTEMPT = CFUNCTYPE(None, c_char_p, c_void_p)


class Outcome(ctypes.Structure):
    """`chat_outcome`: what a `chat_response` begins with."""

    _fields_ = (
        ("code", c_int),
        ("http_status", c_int),
        ("attempts", c_int),
        ("is_retriable", c_int),
        ("is_in_doubt", c_int),
        ("is_already_deleted", c_int),
        ("random", c_uint32),
        ("retry_after_ms", c_uint32),
        ("message", TEXT),
        ("message_len", c_size_t),
        ("body", TEXT),
        ("body_len", c_size_t),
        ("json", TEXT),
        ("json_len", c_size_t),
    )


SIGNATURES: Dict[str, Tuple[Optional[Any], Tuple[Any, ...]]] = {
    "chat_version": (TEXT, ()),
    "chat_strerror": (TEXT, (c_int,)),
    "chat_code_is_fatal": (c_int, (c_int,)),
    "chat_config_new": (HANDLE, ()),
    "chat_config_free": (None, (HANDLE,)),
    "chat_config_message": (TEXT, (HANDLE,)),
    "chat_config_set_region": (c_int, (HANDLE, INPUT)),
    "chat_config_set_base_url": (c_int, (HANDLE, INPUT)),
    "chat_config_set_use_standby": (c_int, (HANDLE, c_int)),
    "chat_config_set_standby_url": (c_int, (HANDLE, INPUT)),
    "chat_config_set_sdk_app_id": (c_int, (HANDLE, c_uint32)),
    "chat_config_set_identifier": (c_int, (HANDLE, INPUT)),
    "chat_config_set_secret_key": (c_int, (HANDLE, INPUT)),
    "chat_config_set_user_sig": (c_int, (HANDLE, INPUT)),
    "chat_config_set_timeout_ms": (c_int, (HANDLE, c_uint32)),
    "chat_config_set_attempt_timeout_ms": (c_int, (HANDLE, c_uint32)),
    "chat_config_set_max_attempts": (c_int, (HANDLE, c_uint32)),
    "chat_config_set_rate_limit": (c_int, (HANDLE, c_uint32)),
    "chat_config_set_shared_limit": (c_int, (HANDLE, INPUT, INPUT)),
    "chat_config_set_shared_limit_fallback": (c_int, (HANDLE, c_uint32)),
    "chat_config_set_connect_timeout_ms": (c_int, (HANDLE, c_uint32)),
    "chat_config_set_ca_file": (c_int, (HANDLE, INPUT)),
    "chat_config_add_ca_file": (c_int, (HANDLE, INPUT)),
    "chat_config_set_proxy": (c_int, (HANDLE, INPUT)),
    "chat_config_set_user_sig_lifetime_s": (c_int, (HANDLE, c_uint32)),
    "chat_config_set_allow_insecure_http": (c_int, (HANDLE, c_int)),
    "chat_config_set_local_limits": (c_int, (HANDLE, c_int)),
    "chat_config_set_max_connections": (c_int, (HANDLE, c_uint32)),
    "chat_config_set_idle_timeout_ms": (c_int, (HANDLE, c_uint32)),
    "chat_config_set_tcp_keepalive_s": (c_int, (HANDLE, c_uint32)),
    "chat_config_set_system_ca": (c_int, (HANDLE, c_int)),
    "chat_config_set_client_certificate": (c_int, (HANDLE, INPUT, INPUT)),
    "chat_config_set_attempt_hook": (c_int, (HANDLE, ATTEMPT, c_void_p)),
    "chat_config_set_metric_label": (c_int, (HANDLE, INPUT, INPUT)),
    "chat_config_set_user_agent": (c_int, (HANDLE, INPUT)),
    "chat_client_new": (c_int, (HANDLE, OUT, OUT)),
    "chat_client_set_secret_key": (c_int, (HANDLE, INPUT)),
    "chat_client_set_user_sig": (c_int, (HANDLE, INPUT)),
    "chat_client_shutdown": (None, (HANDLE,)),
    "chat_client_warm_up": (c_int, (HANDLE, c_uint32, c_uint32, OUT)),
    "chat_client_drain": (c_int, (HANDLE, c_uint32)),
    "chat_client_free": (None, (HANDLE,)),
    "chat_cancel_new": (HANDLE, ()),
    "chat_cancel_free": (None, (HANDLE,)),
    "chat_cancel_trigger": (None, (HANDLE,)),
    "chat_call_options_new": (HANDLE, ()),
    "chat_call_options_free": (None, (HANDLE,)),
    "chat_call_options_message": (TEXT, (HANDLE,)),
    "chat_call_options_set_timeout_ms": (c_int, (HANDLE, c_uint32)),
    "chat_call_options_set_attempt_timeout_ms": (c_int, (HANDLE, c_uint32)),
    "chat_call_options_set_connect_timeout_ms": (c_int, (HANDLE, c_uint32)),
    "chat_call_options_set_max_attempts": (c_int, (HANDLE, c_uint32)),
    "chat_call_options_set_repeat_in_doubt": (c_int, (HANDLE, c_int)),
    "chat_call_options_set_random": (c_int, (HANDLE, c_uint32)),
    "chat_call_options_set_cancel": (c_int, (HANDLE, HANDLE)),
    "chat_call_options_set_interrupt": (c_int, (HANDLE, INTERRUPT, c_void_p)),
    "chat_contacts_new": (HANDLE, ()),
    "chat_contacts_free": (None, (HANDLE,)),
    "chat_contacts_add": (c_int, (HANDLE, c_int, INPUT)),
    "chat_marks_new": (HANDLE, ()),
    "chat_marks_free": (None, (HANDLE,)),
    "chat_marks_add": (c_int, (HANDLE, c_int, INPUT, c_uint64, c_uint64, INPUT)),
    "chat_accounts_new": (HANDLE, ()),
    "chat_accounts_free": (None, (HANDLE,)),
    "chat_accounts_add": (c_int, (HANDLE, INPUT, INPUT, INPUT)),
    "chat_response_free": (None, (HANDLE,)),
    "chat_response_outcome": (HANDLE, (HANDLE,)),
    "chat_response_code": (c_int, (HANDLE,)),
    "chat_response_message": (TEXT, (HANDLE, LENGTH)),
    "chat_response_body": (TEXT, (HANDLE, LENGTH)),
    "chat_response_json": (TEXT, (HANDLE, LENGTH)),
    "chat_response_trace": (TEXT, (HANDLE,)),
    "chat_response_http_status": (c_int, (HANDLE,)),
    "chat_response_attempts": (c_int, (HANDLE,)),
    "chat_response_random": (c_uint32, (HANDLE,)),
    "chat_response_is_retriable": (c_int, (HANDLE,)),
    "chat_response_is_already_deleted": (c_int, (HANDLE,)),
    "chat_response_is_in_doubt": (c_int, (HANDLE,)),
    "chat_response_retry_after_ms": (c_uint32, (HANDLE,)),
    "chat_response_has": (c_int, (HANDLE, INPUT)),
    "chat_response_count": (c_size_t, (HANDLE, INPUT)),
    "chat_response_str": (TEXT, (HANDLE, INPUT, LENGTH)),
    "chat_response_type": (c_int, (HANDLE, INPUT)),
    "chat_response_name": (TEXT, (HANDLE, INPUT, c_size_t, LENGTH)),
    "chat_response_member": (c_int, (HANDLE, INPUT, OUT)),
    "chat_response_int": (c_int, (HANDLE, INPUT, POINTER(c_int64))),
    "chat_response_uint": (c_int, (HANDLE, INPUT, POINTER(c_uint64))),
    "chat_response_double": (c_int, (HANDLE, INPUT, POINTER(c_double))),
    "chat_response_bool": (c_int, (HANDLE, INPUT, POINTER(c_int))),
    "chat_response_marks": (c_int, (HANDLE, INPUT, POINTER(c_uint64))),
    "chat_client_stats": (HANDLE, (HANDLE,)),
    "chat_stats_free": (None, (HANDLE,)),
    "chat_stats_add": (c_int, (HANDLE, HANDLE)),
    "chat_stats_get": (c_uint64, (HANDLE, INPUT)),
    "chat_stats_count": (c_size_t, (HANDLE,)),
    "chat_stats_name": (TEXT, (HANDLE, c_size_t)),
    "chat_stats_value": (c_uint64, (HANDLE, c_size_t)),
    "chat_stats_prometheus": (TEXT, (HANDLE, LENGTH)),
    "chat_recent_contact_items": (c_int, (HANDLE, INPUT, OUT, OUT)),
    "chat_contact_group_items": (c_int, (HANDLE, INPUT, OUT, OUT)),
    "chat_items_next": (c_int, (HANDLE, HANDLE, OUT)),
    "chat_items_page": (HANDLE, (HANDLE,)),
    "chat_items_is_complete": (c_int, (HANDLE,)),
    "chat_items_free": (None, (HANDLE,)),
    "chat_account_check": (c_int, (HANDLE, HANDLE, HANDLE, OUT)),
    "chat_account_delete": (c_int, (HANDLE, HANDLE, HANDLE, OUT)),
    "chat_account_import": (c_int, (HANDLE, INPUT, INPUT, INPUT, HANDLE, OUT)),
    "chat_call": (c_int, (HANDLE, INPUT, INPUT, c_size_t, HANDLE, OUT)),
    "chat_create_contact_group": (c_int, (HANDLE, INPUT, INPUT, HANDLE, HANDLE, OUT)),
    "chat_del_contact_group": (c_int, (HANDLE, INPUT, INPUT, HANDLE, OUT)),
    "chat_get_contact_group": (c_int, (HANDLE, INPUT, c_int64, HANDLE, OUT)),
    "chat_mark_contact": (c_int, (HANDLE, INPUT, HANDLE, HANDLE, OUT)),
    "chat_multiaccount_import": (c_int, (HANDLE, HANDLE, HANDLE, OUT)),
    "chat_recent_contact_delete": (c_int, (HANDLE, INPUT, c_int, INPUT, c_int, HANDLE, OUT)),
    "chat_recent_contact_get_list": (c_int, (HANDLE, INPUT, c_int64, c_int64, c_int64, c_int64, c_uint32, HANDLE, OUT)),
    "chat_recent_contact_pin": (c_int, (HANDLE, INPUT, HANDLE, HANDLE, OUT)),
    "chat_recent_contact_unpin": (c_int, (HANDLE, INPUT, HANDLE, HANDLE, OUT)),
    "chat_search_contact_group": (c_int, (HANDLE, INPUT, HANDLE, HANDLE, OUT)),
    "chat_update_contact_group_name": (c_int, (HANDLE, INPUT, INPUT, INPUT, HANDLE, OUT)),
    "chat_update_contact_group_contacts": (c_int, (HANDLE, INPUT, INPUT, HANDLE, HANDLE, HANDLE, OUT)),
    "chat_user_sig_new": (c_int, (c_uint32, INPUT, INPUT, c_uint32, OUT)),
    "chat_private_map_key_new": (c_int, (c_uint32, INPUT, INPUT, c_uint32, c_uint32, INPUT, c_uint32, OUT)),
    "chat_user_sig_inspect": (c_int, (INPUT, c_uint32, INPUT, OUT)),
}

#: What each call uses and what never waits, for anything or anybody: it may run while the interpreter's lock is held.
QUICK = tuple(
    name
    for name in SIGNATURES
    if name.startswith(("chat_call_options_", "chat_contacts_", "chat_marks_", "chat_accounts_", "chat_response_"))
)


def apply(library: ctypes.CDLL, names: Iterable[str] = SIGNATURES) -> None:
    """Gives functions their types. AttributeError names one that the library lacks."""
    for name in names:
        function = getattr(library, name)
        function.restype, function.argtypes = SIGNATURES[name]
