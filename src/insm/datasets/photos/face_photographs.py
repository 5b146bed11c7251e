"""What the datasets of CelebA's photographs share: the choice of attributes."""

from insm.data.dataset import AttributeGroups
from insm.datasets.photos.celeba_attributes import ALL_ATTRIBUTES, ATTRIBUTES, GROUPS, HAIR, HAIR_COLOURS
from insm.datasets.photos.photo_split import Photographs
from insm.support.errors import UserError, suggest


class FacePhotographs(Photographs):
    """Photographs of faces with CelebA's attributes: the paper's ten, or others (`celeba:Bald,Mustache`)."""

    attributes: tuple[str, ...] = ATTRIBUTES
    exclusive: AttributeGroups = (HAIR,)
    groups = GROUPS

    def __init__(self, choice: str = ""):
        if not choice:
            return
        names = tuple(choice.split(","))
        for name in names:
            if name not in ALL_ATTRIBUTES:
                near = suggest(name, list(ALL_ATTRIBUTES))
                raise UserError(f"{self.name} has no attribute {name!r}: choose from {', '.join(ALL_ATTRIBUTES)}{near}")
            if names.count(name) > 1:
                raise UserError(f"attribute {name!r} of {self.name} stands twice: name it once")
        hair = tuple(name for name in names if name in HAIR_COLOURS)
        self.attributes = names
        self.exclusive = (hair,) if len(hair) > 1 else ()
        self.groups = {name: (name,) for name in names}
        self.paper_table = None
        self.combinations = tuple(values for values in self.combinations if set(values) <= set(names))
