// The mutation of strategies whose user names none.
#pragma once

#include <type_traits>

#include <gptnas/evolution/delete_mutation.hpp>
#include <gptnas/evolution/gene_mutation.hpp>
#include <gptnas/evolution/insert_mutation.hpp>
#include <gptnas/evolution/one_of.hpp>
#include <gptnas/evolution/swap_mutation.hpp>
#include <gptnas/genome/layout.hpp>

namespace gptnas {

/// The mutation that suits a genome: genes, and where there are sequences, insertions, deletions and exchanges too.
template <class Genome>
using DefaultMutation =
    std::conditional_t<layout<Genome>.fixed_length, GeneMutation,
                       OneOf<GeneMutation, GeneMutation, GeneMutation, InsertMutation, DeleteMutation, SwapMutation>>;

}  // namespace gptnas
