//! What helpdesk products are (catalogs) and what accounts hold (inventories).
//!
//! A catalog is data: `catalogs/*.yaml`, one file a product, compiled into the program. `catalogs/README.md` describes the form.

pub mod builtin;
pub mod canon;
pub mod capability;
pub mod catalog;
pub mod exports;
pub mod fact;
pub mod facts;
pub mod field;
pub mod field_type;
pub mod inventory;
pub mod inventory_rules;
pub mod kind;
pub mod opening;
pub mod overlay;
pub mod reader;
pub mod render;
pub mod rules;
pub mod schema;
pub mod states;
pub mod system;
pub mod table;
pub mod write;
pub mod yaml;
pub mod zones;

pub use capability::Capabilities;
pub use catalog::Catalog;
pub use field_type::{FieldType, Shape};
pub use inventory::Inventory;
pub use kind::{Field, Kind, Part, State};
pub use system::System;
pub use table::Table;
