"""The model's table of contents: one file per idea, listed in reading order."""

from optimizer.blocks.base import Block
from optimizer.blocks.budget import budget
from optimizer.blocks.concentration import concentration
from optimizer.blocks.end_value import end_value
from optimizer.blocks.legal_risk import legal_risk
from optimizer.blocks.legal_rules import legal_rules
from optimizer.blocks.mining import mining
from optimizer.blocks.placement import placement
from optimizer.blocks.power_groups import power_groups
from optimizer.blocks.relocation import relocation
from optimizer.blocks.site_costs import site_costs
from optimizer.blocks.site_power import site_power
from optimizer.blocks.trading import trading

BLOCKS: tuple[Block, ...] = (
    placement,
    mining,
    site_power,
    power_groups,
    legal_rules,
    legal_risk,
    concentration,
    relocation,
    trading,
    site_costs,
    budget,
    end_value,
)

__all__ = ["BLOCKS", "Block"]
