"""Deletes one group of each of many users through the Python face: BASE_URL CA_FILE USERS WORKERS LIMIT (calls a second, 0: off)."""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from tencent_chat import Client

base_url, ca_file = sys.argv[1:3]
users, workers, limit = map(int, sys.argv[3:])


def main() -> None:
    key = "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e"
    place = {"base_url": base_url, "ca_file": ca_file or None, "sdk_app_id": 1400000000, "identifier": "administrator"}
    with Client(**place, secret_key=key, timeout=60, rate_limit=limit) as client, ThreadPoolExecutor(workers) as pool:
        began = time.monotonic()
        names = [f"user_{user:04}" for user in range(1, users + 1)]
        for _ in pool.map(lambda name: client.del_contact_group(name, "group_0001"), names):
            pass
        print(json.dumps({"calls": users, "wall_us": round((time.monotonic() - began) * 1e6)}))


if __name__ == "__main__":
    main()
