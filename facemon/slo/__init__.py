"""Promises over many records: aggregates, intervals, objectives and the state they add up to. Pure."""
