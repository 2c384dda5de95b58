// Everything that needs Eigen and Boost headers only. What needs more has a header of its own: genome/record.hpp (JSON).
#pragma once

