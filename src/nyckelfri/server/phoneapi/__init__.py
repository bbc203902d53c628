"""The face that service phones talk to: JSON under /api/phone/v1/."""
