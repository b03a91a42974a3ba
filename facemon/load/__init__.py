"""Throughput on a clock: requests sent on one schedule whatever the service does (an open loop), by many processes."""
