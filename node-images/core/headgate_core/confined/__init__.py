"""Programs that people write and that may never end: jq, JMESPath, JSON Schema, conditions. In a process to be killed.

No thread can be ended, and none of these engines heeds a signal. So they run in a child: no environment, no file that
it could open, bounds on memory and time. `pool` starts and ends children and keeps idle ones, as a start costs 30 to
150 ms; `child` is what runs there, `engines` what it is asked. Used by `transform`, `validate` and `filter`.
"""

from headgate_core.confined.pool import ask

__all__ = ["ask"]
