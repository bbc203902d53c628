"""What fees are reckoned with: sender, accounts, fee rules, the law's amounts, the tariff."""
