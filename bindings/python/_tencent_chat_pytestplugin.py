"""The pytest plugin that comes with tencent_chat: the fixtures `chat_emulator` and `chat_emulator_session`.
It stands outside the package and imports it only inside a fixture, so that a run without the fixtures pays nothing.
Switched off with `-p no:tencent_chat`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Iterator

import pytest

if TYPE_CHECKING:
    from tencent_chat.testing import Emulator


@pytest.fixture
def chat_emulator() -> Iterator[Emulator]:
    """An emulator of the Tencent Chat service for this test alone, as a `tencent_chat.testing.Emulator`.

    It starts in milliseconds, with nothing in it but its first users, and is gone after the test.
    `chat_emulator.client()` makes a client of it.
    """
    from tencent_chat.testing import Emulator

    with Emulator() as emulator:
        yield emulator


@pytest.fixture(scope="session")
def chat_emulator_session() -> Iterator[Emulator]:
    """One `tencent_chat.testing.Emulator` for the whole run (under pytest-xdist one for each worker): what a test leaves there,
    the next one finds. `reset()` brings it back to its start.
    """
    from tencent_chat.testing import Emulator

    with Emulator() as emulator:
        yield emulator
