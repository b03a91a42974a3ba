"""The upstream APIs: an open set. A new one is a file here, a line in this table, its test, its name in the README."""

from facemon.providers.base import Provider
from facemon.providers.stability_v1 import StabilityV1
from facemon.providers.stability_v2beta import StabilityV2Beta

PROVIDERS: dict[str, type[Provider]] = {
    "stability_v1": StabilityV1,
    "stability_v2beta": StabilityV2Beta,
}
