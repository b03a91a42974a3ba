"""What monitoring costs, measured beside bare httpx in the same run. `python -m benchmarks`."""
