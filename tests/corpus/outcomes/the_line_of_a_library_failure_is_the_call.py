# Frames of libraries are in the traceback, but the line is in the executed code.
import statistics

data = []
result = statistics.mean(data)
# error_contains: "mean requires at least one data point"
# type: "statistics.StatisticsError"
# line: 5
