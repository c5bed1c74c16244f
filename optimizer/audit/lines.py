"""Which lines of money there are, and of what kind each is."""

NOT_CASH = ("legal_risk", "end_value", "coins_at_end", "loan_left", "deferred_tax")
CURRENT = (
    *("hash_revenue", "pool_fees", "firmware_fees", "energy", "delivery", "levies", "peak_charges"),
    *("frictions", "supply_credits", "volume_charges", "demand_charges", "standing_charges", "minimum_bill"),
    *("response_credits", "hosting", "site_opex", "maintenance", "site_fixed"),
    *("overheads", "coins_held", "profit_tax"),
    *("loan_drawn", "loan_interest", "loan_principal", "loan_fees"),
)
CAPITAL = (
    *("deinstallation", "installation", "freight", "insurance", "customs", "breakage"),
    *("purchases", "import", "sales", "site_opening", "site_exit", "deposits", "building"),
)
