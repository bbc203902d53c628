"""The outage drill: what can go wrong goes wrong on a test installation: `nyckelfri drill`."""
