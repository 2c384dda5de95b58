// Genomes as JSON, on nlohmann-json: `{"blocks": [{"op": "conv", "kernel": 3, "width": 16}, ...]}`.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <gptnas/core/joined.hpp>
#include <gptnas/genome/constraint.hpp>
#include <gptnas/genome/print.hpp>
#include <gptnas/genome/reflection.hpp>

namespace gptnas {

namespace detail {

[[noreturn]] inline void refuse_record(const std::string& place, const std::string& problem) {
  throw std::invalid_argument(joined({"genome record: at ", place.empty() ? "/" : place, ": ", problem}));
}

/// A value as an error shows it: arrays and objects, which may be nested deeper than the stack allows, by their type
/// alone.
inline std::string text_of(const nlohmann::ordered_json& record) {
  if (record.is_structured()) return joined({"an ", record.type_name()});
  return record.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

template <class Type>
nlohmann::ordered_json part_to_json(const Type& part) {
  if constexpr (is_choice<Type>) {
    if constexpr (std::is_enum_v<typename Type::Value>) {
      return part.name();
    } else {
      return part.value();
    }
  } else if constexpr (is_cell<Type>) {
    auto operations = nlohmann::ordered_json::array(), edges = nlohmann::ordered_json::array();
    for (std::size_t vertex = 1; vertex <= Type::inner_vertices; ++vertex) {
      operations.push_back(part_to_json(part.operation(vertex)));
    }
    for (std::size_t to = 1; to < Type::vertices; ++to) {
      for (std::size_t from = 0; from < to; ++from) {
        if (part.edge(from, to)) edges.push_back({from, to});
      }
    }
    return {{"operations", operations}, {"edges", edges}};
  } else if constexpr (is_container<Type>) {
    auto record = nlohmann::ordered_json::array();
    for (const auto& item : part) record.push_back(part_to_json(item));
    return record;
  } else {
    auto record = nlohmann::ordered_json::object();
    for_each_accessor<Type>([&](std::string_view name, auto accessor) {
      record[std::string(name)] = part_to_json(accessor(part));
    });
    return record;
  }
}

template <class Type>
Type part_from_json(const nlohmann::ordered_json& record, const std::string& place);

// {"operations": ["conv3x3", ...], "edges": [[0, 1], ...]}
template <class CellType>
CellType cell_from_json(const nlohmann::ordered_json& record, const std::string& place) {
  const auto array_of = [&](const char* name) -> const nlohmann::ordered_json& {
    if (!record.is_object() || record.size() != 2 || !record.contains(name) || !record[name].is_array()) {
      refuse_record(place, "expected an object with the arrays \"operations\" and \"edges\"");
    }
    return record[name];
  };
  std::vector<typename CellType::Operation> operations;
  for (const auto& each : array_of("operations")) {
    operations.push_back(
        part_from_json<typename CellType::Operation>(each, joined({place, "/operations/", operations.size()})));
  }
  std::vector<CellEdge> edges;
  for (const auto& each : array_of("edges")) {
    if (!each.is_array() || each.size() != 2 || !each[0].is_number_unsigned() || !each[1].is_number_unsigned()) {
      refuse_record(joined({place, "/edges/", edges.size()}), joined({text_of(each), " is no pair of vertices"}));
    }
    edges.push_back({each[0].template get<std::size_t>(), each[1].template get<std::size_t>()});
  }
  try {
    return CellType(operations, edges);
  } catch (const std::invalid_argument& error) {
    refuse_record(place, error.what());
  }
}

template <class Type>
Type part_from_json(const nlohmann::ordered_json& record, const std::string& place) {
  Type part;
  if constexpr (is_cell<Type>) {
    part = cell_from_json<Type>(record, place);
  } else if constexpr (is_choice<Type>) {
    for (std::size_t index = 0; index < Type::cardinality; ++index) {
      part = Type::at(index);
      // JSON takes numbers of different types for equal that are not: 18446744073709551615 and -1, 1.0 and 1.
      if (text_of(record) == text_of(part_to_json(part))) return part;
    }
    refuse_record(place, joined({text_of(record), " is none of ", Type::domain()}));
  } else if constexpr (is_container<Type>) {
    if (!record.is_array()) refuse_record(place, joined({"expected an array, found ", record.type_name()}));
    if constexpr (is_repeat<Type>) {
      if (record.size() != Type::size()) {
        refuse_record(place, joined({record.size(), " items; expected ", Type::size()}));
      }
    } else {
      if (record.size() < Type::min_size || record.size() > Type::max_size) {
        refuse_record(place, joined({record.size(), " items; expected ", Type::min_size, " to ", Type::max_size}));
      }
      part.resize(record.size());
    }
    for (std::size_t index = 0; index < record.size(); ++index) {
      part[index] = part_from_json<ItemOf<Type>>(record[index], joined({place, "/", index}));
    }
  } else {
    if (!record.is_object()) refuse_record(place, joined({"expected an object, found ", record.type_name()}));
    const auto is_member = [](std::string_view key) {
      bool found = false;
      for_each_accessor<Type>([&](std::string_view name, auto) { found = found || name == key; });
      return found;
    };
    for (const auto& [key, value] : record.items()) {
      if (!is_member(key)) refuse_record(place, joined({"member \"", key, "\" is unknown"}));
    }
    for_each_accessor<Type>([&](std::string_view name, auto accessor) {
      const auto found = record.find(std::string(name));
      if (found == record.end()) refuse_record(place, joined({"member \"", name, "\" is missing"}));
      accessor(part) = part_from_json<MemberOf<Type, decltype(accessor)>>(*found, joined({place, "/", name}));
    });
  }
  return part;
}

}  // namespace detail

/// A genome as JSON: structs are objects, containers arrays, enumerators their names. Complexity: O(genes).
template <class Genome>
nlohmann::ordered_json to_json(const Genome& genome) {
  return detail::part_to_json(genome);
}

/// The genome of a JSON record, the inverse of `to_json`.
///
/// @throws std::invalid_argument if the record is not exactly one of the genome's, with the place as a JSON pointer,
/// what was found and what was expected; or if the genome breaks a constraint. Complexity: O(genes).
template <class Genome>
Genome from_json(const nlohmann::ordered_json& record) {
  const auto genome = detail::part_from_json<Genome>(record, "");
  if (!is_valid(genome)) {
    detail::refuse_record("", joined({"the genome ", print(genome), " breaks the constraint of its type"}));
  }
  return genome;
}

}  // namespace gptnas
