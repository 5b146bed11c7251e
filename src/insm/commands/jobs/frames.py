"""`insm job frames`: sample grids of a training from TensorBoard's files."""

from pathlib import Path

from insm.reporting.frames import sample_grids, save_frames


def frames(board: Path, output: Path) -> None:
    """Write OUTPUT (.zip): a few sample grids of the training whose files of TensorBoard are in the folder BOARD.

    They are spread over its steps; none where the training left none.
    """
    save_frames(sample_grids(board), output)
