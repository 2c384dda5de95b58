// What is said of the runs: on the screen, as JSON and as CSV.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "studies.hpp"

namespace query_efficiency {

// Prints the arms and the tests of a study; gives all figures.
nlohmann::ordered_json report(const Study& study);

// Lines "table,arm,query,lower_quartile,median,upper_quartile" of the regret.
std::string regret_curves(const Study& study);

}  // namespace query_efficiency
