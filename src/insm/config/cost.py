"""What training a method on a task takes."""

from typing import TYPE_CHECKING

from insm.data.dataset import load_dataset
from insm.networks.counting import Count, count_training
from insm.networks.method import MethodConfig

if TYPE_CHECKING:
    from insm.config.study import TaskConfig


def count_method(config: MethodConfig, task: "TaskConfig") -> Count:
    """Count a run of a method at the size, batch and attributes of a task, by a training step without values.

    Raises:
        UserError: the method does not fit the size or the number of attributes.
        RuntimeError, ValueError, IndexError: torch cannot make the step.
    """
    dataset = load_dataset(task.data.dataset)
    n_attr, size, batch = len(dataset.attributes), task.data.size, task.training.batch
    return count_training(config, n_attr, size, batch, dataset.paired, task.embedding)
