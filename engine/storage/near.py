"""Places on the earth that lie near one: a box first, then exactly."""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, cos, degrees, radians, sin, sqrt

DEFAULT_KM = 5.0
_EARTH_KM = 6371.0
"""Mean radius."""


@dataclass(frozen=True, slots=True)
class Near:
    """All that lies within a distance of a place."""

    latitude: float
    """Degrees, north positive."""
    longitude: float
    """Degrees, east positive."""
    km: float = DEFAULT_KM

    def box(self) -> tuple[float, float, float, float]:
        """Least and greatest latitude, least and greatest longitude that can be near.

        Round a pole and across the date line any longitude can.
        """
        high = degrees(self.km / _EARTH_KM)
        south, north = self.latitude - high, self.latitude + high
        if south <= -90 or north >= 90:
            return max(south, -90.0), min(north, 90.0), -180.0, 180.0
        ratio = sin(radians(high)) / cos(radians(self.latitude))
        wide = degrees(asin(ratio)) if ratio < 1 else 180.0
        west, east = self.longitude - wide, self.longitude + wide
        if west < -180 or east > 180:
            return south, north, -180.0, 180.0
        return south, north, west, east


def distance_km(latitude: float, longitude: float, other: float, another: float) -> float:
    """Great-circle distance of two places, by the haversine formula (Sinnott 1984)."""
    up, along = radians(other - latitude), radians(another - longitude)
    half = sin(up / 2) ** 2
    half += cos(radians(latitude)) * cos(radians(other)) * sin(along / 2) ** 2
    return 2 * _EARTH_KM * asin(min(1.0, sqrt(half)))
