"""What the room holds: what fees and pay rest on, and what is made of it."""

from __future__ import annotations

from nyckelfri.server.money.models_given import (
    Delivery,
    FeeBasis,
    LegalAmounts,
    MoneyRules,
    PayPrice,
    TariffPrice,
)
from nyckelfri.server.money.models_made import (
    STANDS,
    Dispute,
    DisputeWord,
    Invoice,
    InvoicedVisit,
    LeftOut,
    MonthRun,
    ReceivedInvoice,
    Series,
    Statement,
)

__all__ = [
    "STANDS",
    "Delivery",
    "Dispute",
    "DisputeWord",
    "FeeBasis",
    "Invoice",
    "InvoicedVisit",
    "LeftOut",
    "LegalAmounts",
    "MoneyRules",
    "MonthRun",
    "PayPrice",
    "ReceivedInvoice",
    "Series",
    "Statement",
    "TariffPrice",
]
