#pragma once

#include "penstock/stages/store/row_encoder.hpp"

namespace penstock::detail::sqlite {

/// Encodes rows for SQLite. Refuses NaN, which SQLite would store as NULL, and the infinities, which have no place in
/// its text form. -0.0 is passed on, and SQLite makes it 0.0.
class encoder final : public row_encoder {
public:
    explicit encoder(std::shared_ptr<const table_spec> table) : row_encoder(std::move(table)) {}

private:
    void put_integer(std::int64_t value) override;
    void put_real(double value) override;
    void put_boolean(bool value) override;
    void put_text(std::string_view value) override;
    void put_bytes(std::span<const std::byte> value) override;
    void put_null() override;
    void put_end_row() override {}
};

}  // namespace penstock::detail::sqlite
