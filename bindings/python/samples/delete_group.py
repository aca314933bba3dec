"""Creates a conversation group, deletes it, and shows how refusals read.

python delete_group.py BASE_URL [CA_FILE]
"""

import sys

from tencent_chat import ChatError, Client, GroupNotFoundError, UserSigError

USER, GROUP = "user_0001", "設計会議"
# The emulator's. A real key comes from your secret store.
KEY = "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e"


def connect(secret_key: str) -> Client:
    base_url, ca_file = (sys.argv[1:] + ["", ""])[:2]
    return Client(
        base_url=base_url,
        ca_file=ca_file or None,
        sdk_app_id=1400000000,
        identifier="administrator",
        secret_key=secret_key,
    )


def main() -> None:
    with connect(KEY) as client:
        group = {"From_Account": USER, "GroupContactItem": [{"GroupName": GROUP}]}
        answer = client.call("v4/recentcontact/create_contact_group", group).json()
        created = answer["GroupResultItem"][0]["GroupItem"]
        print(f"created {created['GroupName']} (GroupId {created['GroupId']})")

        for deleted in client.del_contact_group(USER, GROUP).groups:
            print(f"deleted {deleted.name} (GroupId {deleted.id})")

        try:
            client.del_contact_group(USER, GROUP)
            sys.exit("the second delete was not refused")
        except GroupNotFoundError as error:
            print(f"again: {error.code} {error.message}")

    with connect("0" * 64) as stranger:
        try:
            stranger.del_contact_group(USER, GROUP)
            sys.exit("the wrong key was not refused")
        except UserSigError as error:
            print(f"wrong key: {error.code} {error.message}")


if __name__ == "__main__":
    try:
        main()
    except ChatError as error:
        sys.exit(str(error))
