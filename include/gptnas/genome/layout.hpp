// Where the genes of a genome lie and in which order they are read: one table a genome type, made at compile time.
//
// Everything that works on genes (tokens, sampling, crossover, mutation) reads this table and not the type, so it is
// written once, for structs of any shape.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include <gptnas/core/inline_vector.hpp>
#include <gptnas/genome/reflection.hpp>

namespace gptnas {

/// A token of the GPT's vocabulary. Token 0 is never part of a genome: sequences are prompted with it.
using Token = std::uint16_t;
inline constexpr Token start_token = 0;

/// One step of reading a genome, depth first.
struct Instruction {
  enum class Kind : std::uint8_t {
    gene,  ///< reads a gene
    slot,  ///< before each item of a sequence: go on with the item, or jump behind the sequence if it ends here
    end,   ///< behind the last slot of a full sequence
  };
  Kind kind;
  bool begins_component = false;  ///< the first gene or slot of a component
  bool ordered = false;           ///< gene: `Choice::ordered`; not of a `Cell`, whose operations are labels
  std::uint8_t cardinality = 0;   ///< gene: number of values
  std::uint8_t slot = 0;          ///< slot: its index; end: the capacity
  std::uint8_t min = 0, max = 0;  ///< slot: the sequence's bounds
  std::uint16_t offset = 0;       ///< the byte of the gene, or of the sequence's length
  Token token = 0;                ///< gene: id of its first value; slot and end: the sequence's END
  std::uint16_t after = 0;        ///< slot: the instruction behind the sequence
};

/// A `Repeat` of several items or a `Sequence`, be it outermost or within another.
struct ContainerSite {
  std::uint16_t instruction;     ///< its first instruction
  std::uint16_t items;           ///< the byte where its items begin
  std::uint16_t item_bytes;      ///< bytes an item
  std::uint16_t item_steps;      ///< instructions an item, its slot included
  std::uint16_t length;          ///< the byte of its length; of a `Repeat` none
  std::uint16_t min, max;        ///< items; equal for a `Repeat`
  bool variable;                 ///< a `Sequence`
};

/// The unit that a proposer may replace: an item of an outermost `Repeat` or `Sequence`, a vertex of a `Cell` with the
/// edges into it, or a member outside of them.
struct ComponentSite {
  std::uint16_t begin, end;  ///< its instructions
};

/// A `Cell`.
struct CellSite {
  std::uint16_t offset;      ///< its first byte
  std::uint8_t vertices;     ///< input and output included
  std::uint8_t max_edges;
  std::uint8_t operations;   ///< values of an operation
};

namespace detail {

template <class Type>
constexpr std::size_t instruction_count() {
  check_part<Type>();
  if constexpr (is_choice<Type> || is_cell<Type>) {
    return sizeof(Type);
  } else if constexpr (is_repeat<Type>) {
    return Type::size() * instruction_count<ItemOf<Type>>();
  } else if constexpr (is_sequence<Type>) {
    return Type::max_size * (1 + instruction_count<ItemOf<Type>>()) + 1;
  } else if constexpr (is_struct<Type>) {
    return sum_over_members<Type>([]<class Member>() { return instruction_count<Member>(); });
  } else {
    return 0;
  }
}

// Whether a part is made of several components.
template <class Type>
constexpr bool has_container() {
  if constexpr (is_choice<Type>) {
    return false;
  } else if constexpr (is_container<Type> || is_cell<Type>) {
    return true;
  } else if constexpr (is_struct<Type>) {
    return sum_over_members<Type>([]<class Member>() { return std::size_t{has_container<Member>()}; }) > 0;
  } else {
    return false;
  }
}

// Longest token sequence.
template <class Type>
constexpr std::size_t token_count() {
  if constexpr (is_choice<Type> || is_cell<Type>) {
    return sizeof(Type);
  } else if constexpr (is_repeat<Type>) {
    return Type::size() * token_count<ItemOf<Type>>();
  } else if constexpr (is_sequence<Type>) {
    return Type::max_size * token_count<ItemOf<Type>>() + 1;
  } else if constexpr (is_struct<Type>) {
    return sum_over_members<Type>([]<class Member>() { return token_count<Member>(); });
  } else {
    return 0;
  }
}

// Token ids that belong to a part itself; a struct's ids are its own wherever it occurs.
template <class Type>
constexpr std::size_t own_ids() {
  if constexpr (is_choice<Type>) {
    return Type::cardinality;
  } else if constexpr (is_cell<Type>) {
    return Type::Operation::cardinality + 2;  // an edge is there or not
  } else if constexpr (is_repeat<Type>) {
    return own_ids<ItemOf<Type>>();
  } else if constexpr (is_sequence<Type>) {
    return 1 + own_ids<ItemOf<Type>>();
  } else {
    return 0;
  }
}

// Structs in a part, itself included, counted as often as they occur.
template <class Type>
constexpr std::size_t struct_count() {
  if constexpr (is_choice<Type> || is_cell<Type>) {
    return 0;
  } else if constexpr (is_container<Type>) {
    return struct_count<ItemOf<Type>>();
  } else if constexpr (is_struct<Type>) {
    return 1 + sum_over_members<Type>([]<class Member>() { return struct_count<Member>(); });
  } else {
    return 0;
  }
}

// What tells a type from others in a constant expression, the compiler's own spelling: addresses cannot be compared
// there under g++'s -fsanitize=undefined.
template <class Type>
constexpr std::string_view type_key() {
  return __PRETTY_FUNCTION__;
}

}  // namespace detail

/// The table of a genome type.
template <class Genome>
struct Layout {
  static constexpr std::size_t steps = detail::instruction_count<Genome>();
  static constexpr std::size_t max_tokens = detail::token_count<Genome>();
  static_assert(steps < 65535 && sizeof(Genome) < 65535,
                "gptnas: this genome is too large; see docs/concepts.md#genome");

  InlineVector<Instruction, steps> instructions;
  InlineVector<ComponentSite, steps> components;
  InlineVector<ContainerSite, steps> containers;
  InlineVector<CellSite, steps> cells;
  std::size_t vocabulary = 1;  ///< number of token ids, `start_token` included
  bool fixed_length = true;    ///< no `Sequence`: every gene is always there

  constexpr Layout() {
    if constexpr (detail::is_struct<Genome>) {
      add<Genome>(0, 0, false);
    } else {
      vocabulary += detail::own_ids<Genome>();
      add<Genome>(0, 1, false);
    }
  }

 private:
  struct KnownStruct {
    std::string_view key;
    Token first_id;
  };
  InlineVector<KnownStruct, detail::struct_count<Genome>()> known_structs_;

  template <class Type>
  constexpr Token first_id() {
    for (const KnownStruct& known : known_structs_) {
      if (known.key == detail::type_key<Type>()) return known.first_id;
    }
    const Token first = static_cast<Token>(vocabulary);
    known_structs_.push_back({detail::type_key<Type>(), first});
    vocabulary += detail::sum_over_members<Type>([]<class Member>() { return detail::own_ids<Member>(); });
    return first;
  }

  constexpr std::uint16_t here() const { return static_cast<std::uint16_t>(instructions.size()); }

  // Appends the instructions of a part that lies at `offset` and whose own ids begin at `id`.
  template <class Type>
  constexpr void add(std::size_t offset, Token id, bool inside_component) {
    if (!inside_component && !detail::has_container<Type>() && !std::is_same_v<Type, Genome>) {
      add_component<Type>(offset, id);
    } else if constexpr (detail::is_choice<Type>) {
      instructions.push_back({.kind = Instruction::Kind::gene,
                              .ordered = Type::ordered,
                              .cardinality = Type::cardinality,
                              .offset = static_cast<std::uint16_t>(offset),
                              .token = id});
    } else if constexpr (detail::is_cell<Type>) {
      add_cell<Type>(offset, id);
    } else if constexpr (detail::is_repeat<Type>) {
      add_repeat<Type>(offset, id, inside_component);
    } else if constexpr (detail::is_sequence<Type>) {
      add_sequence<Type>(offset, id, inside_component);
    } else if constexpr (detail::is_struct<Type>) {
      Token member_id = first_id<Type>();
      detail::for_each_accessor<Type>([&](std::string_view, auto accessor) {
        using Member = detail::MemberOf<Type, decltype(accessor)>;
        add<Member>(offset, member_id, inside_component);
        offset += sizeof(Member);
        member_id = static_cast<Token>(member_id + detail::own_ids<Member>());
      });
    }
  }

  template <class Type>
  constexpr void add_component(std::size_t offset, Token id) {
    const std::uint16_t begin = here();
    add<Type>(offset, id, true);
    instructions[begin].begins_component = true;
    components.push_back({begin, here()});
  }

  template <class Type>
  constexpr void add_item(std::size_t offset, Token id, bool inside_component) {
    if (inside_component) {
      add<Type>(offset, id, true);
    } else {
      add_component<Type>(offset, id);
    }
  }

  template <class Type>
  constexpr void add_cell(std::size_t offset, Token id) {
    cells.push_back(
        {static_cast<std::uint16_t>(offset), Type::vertices, Type::max_edges, Type::Operation::cardinality});
    const auto add_gene = [&](std::size_t byte, std::size_t cardinality, std::size_t token) {
      instructions.push_back({.kind = Instruction::Kind::gene,
                              .cardinality = static_cast<std::uint8_t>(cardinality),
                              .offset = static_cast<std::uint16_t>(offset + byte),
                              .token = static_cast<Token>(token)});
    };
    for (std::size_t vertex = 1; vertex < Type::vertices; ++vertex) {
      const std::uint16_t begin = here();
      if (vertex <= Type::inner_vertices) add_gene(Type::operation_byte(vertex), Type::Operation::cardinality, id);
      for (std::size_t from = 0; from < vertex; ++from) {
        add_gene(Type::edge_byte(from, vertex), 2, id + Type::Operation::cardinality);
      }
      instructions[begin].begins_component = true;
      components.push_back({begin, here()});
    }
  }

  template <class Type>
  constexpr void add_repeat(std::size_t offset, Token id, bool inside_component) {
    using Item = detail::ItemOf<Type>;
    if constexpr (Type::size() > 1) {
      containers.push_back({here(), static_cast<std::uint16_t>(offset), sizeof(Item),
                            static_cast<std::uint16_t>(detail::instruction_count<Item>()), 0,
                            static_cast<std::uint16_t>(Type::size()), static_cast<std::uint16_t>(Type::size()), false});
    }
    for (std::size_t index = 0; index < Type::size(); ++index) {
      add_item<Item>(offset + index * sizeof(Item), id, inside_component);
    }
  }

  template <class Type>
  constexpr void add_sequence(std::size_t offset, Token id, bool inside_component) {
    using Item = detail::ItemOf<Type>;
    constexpr std::size_t item_steps = 1 + detail::instruction_count<Item>();
    fixed_length = false;
    const auto length = static_cast<std::uint16_t>(offset);
    const std::size_t items = offset + 1;
    containers.push_back({here(), static_cast<std::uint16_t>(items), sizeof(Item),
                          static_cast<std::uint16_t>(item_steps), length, static_cast<std::uint16_t>(Type::min_size),
                          static_cast<std::uint16_t>(Type::max_size), true});
    const auto after = static_cast<std::uint16_t>(here() + Type::max_size * item_steps + 1);
    for (std::size_t slot = 0; slot < Type::max_size; ++slot) {
      instructions.push_back({.kind = Instruction::Kind::slot,
                              .slot = static_cast<std::uint8_t>(slot),
                              .min = static_cast<std::uint8_t>(Type::min_size),
                              .max = static_cast<std::uint8_t>(Type::max_size),
                              .offset = length,
                              .token = id,
                              .after = after});
      add_item<Item>(items + slot * sizeof(Item), static_cast<Token>(id + 1), inside_component);
    }
    instructions.push_back({.kind = Instruction::Kind::end,
                            .slot = static_cast<std::uint8_t>(Type::max_size),
                            .offset = length,
                            .token = id});
  }
};

/// The table of a genome type, made once, at compile time.
template <class Genome>
inline constexpr Layout<Genome> layout{};

/// The bytes of a genome: one a gene, one a sequence's length.
template <class Genome>
using GenomeBytes = std::array<std::uint8_t, sizeof(Genome)>;

template <class Genome>
constexpr GenomeBytes<Genome> to_bytes(const Genome& genome) {
  return std::bit_cast<GenomeBytes<Genome>>(genome);
}

/// The bytes must be those of a valid genome.
template <class Genome>
constexpr Genome from_bytes(const GenomeBytes<Genome>& bytes) {
  return std::bit_cast<Genome>(bytes);
}

/// Calls `visit(index, instruction)` for each instruction that reading the genome passes, in order.
/// Complexity: O(genes).
template <class Genome, class Visit>
constexpr void for_each_step(const GenomeBytes<Genome>& bytes, Visit visit) {
  for (std::size_t index = 0; index < Layout<Genome>::steps;) {
    const Instruction& instruction = layout<Genome>.instructions[index];
    visit(index, instruction);
    const bool jumps = instruction.kind == Instruction::Kind::slot && bytes[instruction.offset] == instruction.slot;
    index = jumps ? instruction.after : index + 1;
  }
}

}  // namespace gptnas
