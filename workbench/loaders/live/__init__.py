"""Records straight from Zoho CRM v8 and Fxiaoke v2, read only, into JSON lines.

`pulling.py` runs a pull; `spool.py` keeps what came, so that a pull ended by force goes on where it
stopped; `gather.py` makes the file of whole records; `calls.py` sends; `zoho.py` and `fxiaoke.py`
know their systems. The file is read and recognised like any export (`files/`, `recognise.py`).
"""

from workbench.loaders.live.pulling import Pulled, pull

__all__ = ["Pulled", "pull"]
