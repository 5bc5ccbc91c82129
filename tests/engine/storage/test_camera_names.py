from __future__ import annotations

import pytest

from engine.storage.camera_names import says_something


@pytest.mark.parametrize(
    "name",
    [
        "IMG_2034",
        "IMG_20230501_123456_Burst01",
        "1107246521_d16a476380",
        "1000268201 693b08cb0e",
        "Screenshot 2024-05-01 at 10.22.33",
        "Screen Shot 2024-05-01 at 10.22.33 AM",
        "Screenshot_20240501-102233_Chrome",
        "PXL_20230501_101112131.PORTRAIT",
        "DSC_0042 (2)",
        "WhatsApp Image 2023-05-01 at 10.22.33",
        "Bildschirmfoto 2024-05-01 um 10.22.33",
        "3F2504E0-4F89-11D3-9A0C-0305E82C3301",
        "deadbeef-cafe-4bad-8bad-feedfacebeef",
        "facade12cafe",
        "P1010001",
        "_MG_1234",
        "received_1234567890",
        "image",
    ],
)
def test_that_a_name_that_a_machine_gave_says_nothing(name: str) -> None:
    assert not says_something(name)


@pytest.mark.parametrize(
    "name",
    [
        "harbour at dawn",
        "Garden gate",
        "sunset_over_lisbon",
        "IMG_2034 harbour",
        "facade of the town hall",
        "Screenshot of the invoice",
        "\u6771\u4eac",
        "cafe",
    ],
)
def test_that_a_name_with_a_word_of_the_picture_says_something(name: str) -> None:
    assert says_something(name)
