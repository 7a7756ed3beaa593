"""What becomes of a letter once it was taken: printed in a batch, posted, numbered, followed, and back.

    batches    -> laid into the working day's batch, closed at its cut-off, its files made, handed over, answered for
    printed    -> the files of a closed batch: one PDF in order, the post's sheet, the manifest
    scanning   -> what a person reads off paper: the post's number, the signed return, the envelope that came back
    snapshots  -> the post's own record of each letter, fetched and kept while it can be asked for

Everything the post says, by whatever way it reaches us, becomes a receipt and is folded in like any other.
"""
