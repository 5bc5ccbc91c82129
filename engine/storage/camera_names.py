"""Names that cameras, phones and programs give to pictures: they say nothing of what is shown."""

from __future__ import annotations

import re

_NO_WORDS = re.compile(
    r"[0-9a-f]{8}[-_ ]?(?:[0-9a-f]{4}[-_ ]?){3}[0-9a-f]{12}"  # UUID
    r"|(?<![^\W_])(?=[a-f]*\d)[0-9a-f]{6,}(?![^\W_])",  # part of a hash
    re.I,
)
_APP = re.compile(r"(?<=\d)[-_ ]+[^\W\d_][\w.]*$")
"""What a phone's screenshot was taken of: `Screenshot_20240501-102233_Chrome`."""
_SCREENSHOT = re.compile(r"(?:screen[-_ ]?shot|screencap|screenrecord)[-_ ]+\d", re.I)
_WORD = re.compile(r"(?<![^\W_])(?:[^\W\d_]{3,}|[\u3040-\u9fff\uac00-\ud7af]+)(?![^\W_])")
"""Letters alone: neither `IMG1234` nor a hash."""
_OF_CAMERAS = frozenset(
    re.split(
        r"\s+",
        "img image images bild foto fotos imagen imagem immagine afbeelding photo photos picture"
        " pic pics dsc dscn dscf dscx dcim pxl mvimg mvi vid mov gopr dji sam kimg cimg hpim imag"
        " pict pano panorama portrait night burst cover hdr raw jpg jpeg png heic webp gif tif tiff"
        " scan scanned scanner camscanner adobe doc document page screen shot screenshot screencap"
        " screenrecord capture captura pantalla tela cran ecran bildschirmfoto schermata"
        " schermafbeelding bildschirm snap snapchat snapshot whatsapp telegram signal facebook"
        " instagram messenger received viber line wechat camera cam webcam kamera thumbnail thumb"
        " unnamed unbenannt untitled download downloaded downloads file datei temp tmp copy kopie"
        " copia edited edit original orig crop cropped resized scaled compressed small medium large"
        " full final new neu test sample example the from vom von der die das del and und",
    )
)


def says_something(name: str) -> bool:
    """Whether there is a word in a picture's name that tells something of the picture."""
    if _SCREENSHOT.match(name):
        name = _APP.sub("", name)
    words = _WORD.findall(_NO_WORDS.sub(" ", name))
    return any(word.casefold() not in _OF_CAMERAS for word in words)
