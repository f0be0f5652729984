#include "table_writer.hpp"

#include <algorithm>
#include <utility>

#include "merge_sql.hpp"
#include "penstock/stages/store/row_encoder.hpp"
#include "sql.hpp"

namespace penstock::detail::postgresql {

table_writer::table_writer(const table_spec& table, std::size_t place, std::string staging, conflict_policy conflicts)
    : table_(table),
      place_(place),
      copy_sql_(copy_sql(table)),
      staging_(std::move(staging)),
      truncate_staging_sql_(truncate_staging_sql(staging_)),
      copy_staging_sql_(copy_staging_sql(table, staging_)),
      merge_sql_(conflicts == conflict_policy::error ? "" : merge_sql(table, staging_, conflicts)) {}

void table_writer::copy(session& on, item_span items, const std::function<void()>& meanwhile) {
    send(on, copy_sql_, items, meanwhile);
}

void table_writer::merge(session& on, item_span items, const std::function<void()>& meanwhile) {
    try {
        // Neither is given a row: what they are refused for is no row's fault, such as a table that was dropped.
        on.run(truncate_staging_sql_);
        on.put(merge_sql_);
    } catch (error& refused) {
        refused.before_rows = true;
        throw;
    }
    send(on, copy_staging_sql_, items, meanwhile);
    try {
        on.put(merge_sql_);
    } catch (error& refused) {
        // It has no line of a COPY, but a trigger's statement may quote a value that looks so.
        refused.context.clear();
        throw;
    }
}

void table_writer::send(session& on, const std::string& copy_sql, item_span items,
                        const std::function<void()>& meanwhile) {
    // Large enough that a call costs nothing beside its bytes, small enough to stay in the processor's cache.
    constexpr std::size_t block = std::size_t{64} << 10;
    on.begin_copy(copy_sql);
    block_.clear();
    for (const encoded_rows* item : items) {
        const std::string_view bytes = item->of_table(place_).bytes;
        if (block_.size() + bytes.size() > block) {
            on.send(block_);
            block_.clear();
        }
        if (bytes.size() > block)
            on.send(bytes);
        else
            block_ += bytes;
    }
    on.send(block_);
    on.end_copy(meanwhile);
}

refused_try table_writer::explain(const error& what, item_span items) const {
    std::optional<std::size_t> item;
    std::optional<std::size_t> row;
    std::string column = what.column;
    auto place = place_of(what.context, table_.table());
    if (!place) place = place_of(what.context, staging_);
    if (place) {
        std::size_t left = place->line - 1;
        for (item = 0; *item < items.size() && left >= items[*item]->of_table(place_).rows; ++*item)
            left -= items[*item]->of_table(place_).rows;
        if (*item < items.size())
            row = left;
        else
            item.reset();
        const auto named = std::ranges::find_if(
            table_.columns, [&](const column_spec& one) { return names_column(place->behind, one.name); });
        if (column.empty() && named != table_.columns.end()) column = named->name;
    }
    if (!row && items.size() == 1 && items.front()->of_table(place_).rows == 1) row = 0;
    std::string reason = "table ";
    reason += table_.name;
    if (!column.empty()) reason.append(", column ").append(column);
    reason.append(": ").append(describe_row_error(what));
    if (row) reason.append(" ").append(point_at_row(*row));
    return {std::move(reason), item};
}

}  // namespace penstock::detail::postgresql
