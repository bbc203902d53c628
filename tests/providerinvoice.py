"""An invented provider's invoice to the municipality, as its own program would write it."""

from __future__ import annotations

_LINE = """
  <cac:InvoiceLine>
    <cbc:ID>{id}</cbc:ID>
    <cbc:Note>{note}</cbc:Note>
    <cbc:InvoicedQuantity unitCode="{unit}">{quantity}</cbc:InvoicedQuantity>
    <cbc:LineExtensionAmount currencyID="SEK">{amount}</cbc:LineExtensionAmount>
    <cac:InvoicePeriod>
      <cbc:StartDate>2026-11-01</cbc:StartDate>
      <cbc:EndDate>2026-11-30</cbc:EndDate>
    </cac:InvoicePeriod>
    <cac:OrderLineReference><cbc:LineID>{id}</cbc:LineID></cac:OrderLineReference>
    <cac:DocumentReference>
      <cbc:ID>{object}</cbc:ID>
      <cbc:DocumentTypeCode>130</cbc:DocumentTypeCode>
    </cac:DocumentReference>{adjustment}
    <cac:Item>
      <cbc:Description>November</cbc:Description>
      <cbc:Name>{name}</cbc:Name>
      <cac:BuyersItemIdentification><cbc:ID>{item}</cbc:ID></cac:BuyersItemIdentification>
      <cac:ClassifiedTaxCategory>
        <cbc:ID>{category}</cbc:ID>
        <cbc:Percent>{percent}</cbc:Percent>
        <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>
      </cac:ClassifiedTaxCategory>
    </cac:Item>
    <cac:Price>
      <cbc:PriceAmount currencyID="SEK">{price}</cbc:PriceAmount>
      <cbc:BaseQuantity unitCode="{unit}">1</cbc:BaseQuantity>
    </cac:Price>
  </cac:InvoiceLine>"""
_OFF = """
    <cac:AllowanceCharge>
      <cbc:ChargeIndicator>false</cbc:ChargeIndicator>
      <cbc:AllowanceChargeReason>Avböjt besök</cbc:AllowanceChargeReason>
      <cbc:Amount currencyID="SEK">100.00</cbc:Amount>
    </cac:AllowanceCharge>"""
_LINES = (
    {
        "id": "1", "note": "Underlag 2026-11, norr", "unit": "HUR", "quantity": "100.25",
        "price": "464.00", "amount": "46416.00", "name": "Omvårdnad", "item": "care",
        "object": "2026-11/3/care", "category": "E", "percent": "0", "adjustment": _OFF,
    },
    {
        "id": "2", "note": "Städmaterial", "unit": "C62", "quantity": "3", "price": "33.335",
        "amount": "100.01", "name": "Material", "item": "material", "object": "2026-11/3/material",
        "category": "S", "percent": "25", "adjustment": "",
    },
)  # fmt: skip
XML = f"""<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
    xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
    xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <cbc:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0</cbc:CustomizationID>
  <cbc:ProfileID>urn:fdc:peppol.eu:2017:poacc:billing:01:1.0</cbc:ProfileID>
  <cbc:ID>F-2026/311</cbc:ID>
  <cbc:IssueDate>2026-12-05</cbc:IssueDate>
  <cbc:DueDate>2027-01-04</cbc:DueDate>
  <cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
  <cbc:Note>Ersättning för november</cbc:Note>
  <cbc:DocumentCurrencyCode>SEK</cbc:DocumentCurrencyCode>
  <cbc:BuyerReference>7120</cbc:BuyerReference>
  <cac:InvoicePeriod>
    <cbc:StartDate>2026-11-01</cbc:StartDate>
    <cbc:EndDate>2026-11-30</cbc:EndDate>
  </cac:InvoicePeriod>
  <cac:OrderReference><cbc:ID>2026-11/3</cbc:ID></cac:OrderReference>
  <cac:ContractDocumentReference><cbc:ID>LOV-12</cbc:ID></cac:ContractDocumentReference>
  <cac:AccountingSupplierParty>
    <cac:Party>
      <cbc:EndpointID schemeID="0007">5599924429</cbc:EndpointID>
      <cac:PostalAddress>
        <cbc:CityName>Björkvik</cbc:CityName>
        <cac:Country><cbc:IdentificationCode>SE</cbc:IdentificationCode></cac:Country>
      </cac:PostalAddress>
      <cac:PartyTaxScheme>
        <cbc:CompanyID>SE559992442901</cbc:CompanyID>
        <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>
      </cac:PartyTaxScheme>
      <cac:PartyTaxScheme>
        <cbc:CompanyID>Godkänd för F-skatt</cbc:CompanyID>
        <cac:TaxScheme><cbc:ID>TAX</cbc:ID></cac:TaxScheme>
      </cac:PartyTaxScheme>
      <cac:PartyLegalEntity>
        <cbc:RegistrationName>Omtanke Hemtjänst AB</cbc:RegistrationName>
        <cbc:CompanyID schemeID="0007">5599924429</cbc:CompanyID>
      </cac:PartyLegalEntity>
    </cac:Party>
  </cac:AccountingSupplierParty>
  <cac:AccountingCustomerParty>
    <cac:Party>
      <cbc:EndpointID schemeID="0007">2129992083</cbc:EndpointID>
      <cac:PostalAddress>
        <cac:Country><cbc:IdentificationCode>SE</cbc:IdentificationCode></cac:Country>
      </cac:PostalAddress>
      <cac:PartyLegalEntity>
        <cbc:RegistrationName>Björkviks kommun</cbc:RegistrationName>
        <cbc:CompanyID schemeID="0007">2129992083</cbc:CompanyID>
      </cac:PartyLegalEntity>
    </cac:Party>
  </cac:AccountingCustomerParty>
  <cac:PaymentMeans>
    <cbc:PaymentMeansCode>30</cbc:PaymentMeansCode>
    <cbc:PaymentID>2026311</cbc:PaymentID>
    <cac:PayeeFinancialAccount>
      <cbc:ID>9912346</cbc:ID>
      <cac:FinancialInstitutionBranch><cbc:ID>SE:BANKGIRO</cbc:ID></cac:FinancialInstitutionBranch>
    </cac:PayeeFinancialAccount>
  </cac:PaymentMeans>
  <cac:AllowanceCharge>
    <cbc:ChargeIndicator>true</cbc:ChargeIndicator>
    <cbc:AllowanceChargeReason>Fakturaavgift</cbc:AllowanceChargeReason>
    <cbc:Amount currencyID="SEK">20.00</cbc:Amount>
    <cac:TaxCategory>
      <cbc:ID>S</cbc:ID>
      <cbc:Percent>25</cbc:Percent>
      <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>
    </cac:TaxCategory>
  </cac:AllowanceCharge>
  <cac:TaxTotal>
    <cbc:TaxAmount currencyID="SEK">30.00</cbc:TaxAmount>
    <cac:TaxSubtotal>
      <cbc:TaxableAmount currencyID="SEK">46416.00</cbc:TaxableAmount>
      <cbc:TaxAmount currencyID="SEK">0.00</cbc:TaxAmount>
      <cac:TaxCategory>
        <cbc:ID>E</cbc:ID>
        <cbc:Percent>0</cbc:Percent>
        <cbc:TaxExemptionReason>Social omsorg</cbc:TaxExemptionReason>
        <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>
      </cac:TaxCategory>
    </cac:TaxSubtotal>
    <cac:TaxSubtotal>
      <cbc:TaxableAmount currencyID="SEK">120.01</cbc:TaxableAmount>
      <cbc:TaxAmount currencyID="SEK">30.00</cbc:TaxAmount>
      <cac:TaxCategory>
        <cbc:ID>S</cbc:ID>
        <cbc:Percent>25.00</cbc:Percent>
        <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>
      </cac:TaxCategory>
    </cac:TaxSubtotal>
  </cac:TaxTotal>
  <cac:LegalMonetaryTotal>
    <cbc:LineExtensionAmount currencyID="SEK">46516.01</cbc:LineExtensionAmount>
    <cbc:TaxExclusiveAmount currencyID="SEK">46536.01</cbc:TaxExclusiveAmount>
    <cbc:TaxInclusiveAmount currencyID="SEK">46566.01</cbc:TaxInclusiveAmount>
    <cbc:ChargeTotalAmount currencyID="SEK">20.00</cbc:ChargeTotalAmount>
    <cbc:PayableRoundingAmount currencyID="SEK">-0.01</cbc:PayableRoundingAmount>
    <cbc:PayableAmount currencyID="SEK">46566.00</cbc:PayableAmount>
  </cac:LegalMonetaryTotal>{"".join(_LINE.format(**line) for line in _LINES)}
</Invoice>
"""
DATA = XML.encode()
