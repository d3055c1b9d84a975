# datetime, zoneinfo, calendar, time.
import calendar
import datetime
import time
import zoneinfo

moment = datetime.datetime(2024, 3, 31, 1, 30, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"))
print(moment.isoformat(), (moment + datetime.timedelta(hours=12)).utcoffset())
print(calendar.isleap(2024), time.strftime("%Y", time.gmtime(0)))
print(datetime.datetime.fromisoformat("2024-01-02T03:04:05").timestamp() > 0)
# output: ["2024-03-31T01:30:00+01:00 2:00:00", "True 1970", "True"]
