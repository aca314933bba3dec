"""Imports users, sorts one user's conversations into groups, marks one, looks them up, and clears up again.

python organise_groups.py BASE_URL [CA_FILE]
"""

import sys

from tencent_chat import ChatError, Client, Contact, Mark, PartialError

USER, FRIEND, RELATIVE = "user_1001", "user_1002", "user_1003"
COLLEAGUES, FAMILY, RELATIVES = "同僚", "家族", "親族"
# The emulator's. A real key comes from your secret store.
KEY = "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e"


def connect() -> Client:
    base_url, ca_file = (sys.argv[1:] + ["", ""])[:2]
    return Client(
        base_url=base_url,
        ca_file=ca_file or None,
        sdk_app_id=1400000000,
        identifier="administrator",
        secret_key=KEY,
    )


def create(client: Client, name: str, *contacts: Contact) -> None:
    made = client.create_contact_group(USER, name, contacts)
    print(f"created {made.group.name} (GroupId {made.group.id}), conversations: {len(made.items)}")


def main(client: Client) -> None:
    friend, relative = Contact.one_to_one(FRIEND), Contact.one_to_one(RELATIVE)
    users = [USER, FRIEND, RELATIVE]
    client.multiaccount_import(users)
    print(f"imported {len(users)} users")

    create(client, COLLEAGUES, friend, Contact.group_chat("@TGS#1B2AUI7RZ"))
    create(client, FAMILY, relative)
    client.update_contact_group_contacts(USER, COLLEAGUES, remove=[friend])
    client.update_contact_group_contacts(USER, FAMILY, add=[friend])
    print(f"moved {FRIEND} from {COLLEAGUES} to {FAMILY}")

    # The marks from 32 on are the app's own.
    client.mark_contact(USER, [Mark(relative, set_mark=[32], custom_mark="vip")])
    print(f"marked {RELATIVE}")
    for found in client.search_contact_group(USER, [friend, relative]).entries:
        groups, marks, custom = ", ".join(found.group_names), found.standard_mark or "-", found.custom_mark or "-"
        print(f"{found.contact.id}: groups {groups}; marks {marks}; custom {custom}")

    items = client.contact_group_items(USER)
    count = sum(1 for item in items if item.group_ids)
    print(f"{count} conversations in groups, {'complete' if items.complete else 'not complete'}")

    renamed = client.update_contact_group_name(USER, FAMILY, RELATIVES)
    print(f"renamed {renamed.old_group_name} to {renamed.group.name} (GroupId {renamed.group.id})")
    for name in (COLLEAGUES, RELATIVES):
        for deleted in client.del_contact_group(USER, name).groups:
            print(f"deleted {deleted.name} (GroupId {deleted.id})")

    try:
        client.account_delete([RELATIVE, "nobody"])
        sys.exit("the missing account was not told")
    except PartialError as error:
        print(f"partial: {error.code} {error.message}")


if __name__ == "__main__":
    try:
        with connect() as client:
            main(client)
    except ChatError as error:
        sys.exit(str(error))
