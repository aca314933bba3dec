"""What PyInstaller takes along with the package: the shared library and the emulator, where the package looks for them."""

from pathlib import Path

from tencent_chat import _library

binaries = [(str(file), "tencent_chat/_native") for file in sorted(Path(_library.NATIVE).glob("*"))]
