"""The model's table of contents: one file per idea, listed in reading order."""

from optimizer.blocks.base import Block
from optimizer.blocks.budget import budget
from optimizer.blocks.concentration import concentration
from optimizer.blocks.contract_terms import contract_terms
from optimizer.blocks.demand import demand
from optimizer.blocks.end_value import end_value
from optimizer.blocks.hour_blocks import hour_blocks
from optimizer.blocks.legal_risk import legal_risk
from optimizer.blocks.legal_rules import legal_rules
from optimizer.blocks.loans import loans
from optimizer.blocks.mining import mining
from optimizer.blocks.overheads import overheads
from optimizer.blocks.placement import placement
from optimizer.blocks.power_groups import power_groups
from optimizer.blocks.relocation import relocation
from optimizer.blocks.response import response
from optimizer.blocks.site_costs import site_costs
from optimizer.blocks.site_power import site_power
from optimizer.blocks.supply import supply
from optimizer.blocks.tax import tax
from optimizer.blocks.trading import trading
from optimizer.blocks.treasury import treasury
from optimizer.blocks.volume import volume

BLOCKS: tuple[Block, ...] = (
    placement,
    mining,
    hour_blocks,
    site_power,
    power_groups,
    legal_rules,
    legal_risk,
    concentration,
    relocation,
    trading,
    site_costs,
    supply,
    volume,
    demand,
    contract_terms,
    response,
    treasury,
    overheads,
    loans,
    tax,
    budget,
    end_value,
)

__all__ = ["BLOCKS", "Block"]
