"""Files that are locked with a password."""

from __future__ import annotations

import io

from engine.errors import InvalidInput
from engine.records import NEEDS_PASSWORD

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def needs_password(tried: str = "") -> InvalidInput:
    """The reason of a file that is locked, be it that the password tried is wrong."""
    if tried:
        return InvalidInput(
            NEEDS_PASSWORD, "The password given does not open it.", "Try another password."
        )
    return InvalidInput(
        NEEDS_PASSWORD,
        "It is locked with a password.",
        "Give the password, or save a copy without one.",
    )


def unlocked_office(data: bytes, password: str) -> bytes:
    """An office file made readable; as it is where it is not locked.

    Raises InvalidInput where the password is wrong or the way of locking is unknown.
    """
    if not data.startswith(_OLE):
        return data
    import msoffcrypto
    from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError

    try:
        file = msoffcrypto.OfficeFile(io.BytesIO(data))
        if not file.is_encrypted():
            return data
        file.load_key(password=password)
        out = io.BytesIO()
        file.decrypt(out)
    except (InvalidKeyError, DecryptionError) as error:
        raise needs_password(password) from error
    except (FileFormatError, OSError, ValueError, KeyError):
        return data  # What it is, the parser says.
    return out.getvalue()
