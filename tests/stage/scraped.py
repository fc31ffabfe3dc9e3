"""What a worker tells Prometheus, as Prometheus reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families


@dataclass(frozen=True)
class Scraped:
    """The families of one scrape."""

    families: list[Metric]

    @classmethod
    def of(cls, text: str) -> Self:
        return cls(list(text_string_to_metric_families(text)))

    def samples(self, name: str, *labels: str) -> dict[tuple[str, ...], float]:
        """The values of a sample's name, by these of its labels."""
        return {
            tuple(sample.labels[label] for label in labels): sample.value
            for family in self.families
            for sample in family.samples
            if sample.name == name
        }

    def value(self, name: str) -> float:
        """The value of a sample that has no labels."""
        return self.samples(name)[()]

    def total(self, name: str) -> float:
        """The sum over all labels."""
        return sum(sample.value for family in self.families for sample in family.samples if sample.name == name)
