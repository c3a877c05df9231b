//! Volumes, and copies of files.

use crate::official::argument::{Argument, Reads, ids, mark, option, place, read_place, switch, word};
use crate::official::command::{Command, command};
use crate::official::programs::Program;
use crate::official::{lists, volume};

const ID: Argument = place("ID", "id");
const NEW: &[Argument] = &[
    ID,
    word("-s --size").reads(Reads::Number).says("Size in GB, whole; 15 unless set"),
    option("-n --name", "name"),
];

pub(super) const COMMANDS: &[Command] = &[
    command(
        "copy",
        "initiateRemoteRsync",
        &[read_place("SRC", Reads::Text), read_place("DST", Reads::Text), word("-i --identity").says("The private key for ssh")],
    )
    .does(Program::Copy),
    command("cancel copy", "cancelRemoteRsync", &[place("DST", "dst_id")]),
    command("cancel sync", "cancelSync", &[place("DST", "dst_id")]),
    command("show connections", "showConnections", &[]),
    command("create volume", "rentVolume", NEW).made(volume::size),
    command("create network-volume", "createNetworkVolume", NEW).made(volume::size),
    command("delete volume", "deleteVolume", &[ID]),
    command(
        "clone volume",
        "cloneVolume",
        &[
            place("SOURCE", "src_id"),
            place("DEST", "dst_id"),
            option("-s --size", "size"),
            switch("-d --disable_compression", "disable_compression"),
        ],
    ),
    command("show volumes", "listVolumes", &[word("-t --type").says("all, local or network")]).made(lists::volumes),
    command(
        "list volume",
        "offerVolume",
        &[
            read_place("ID", Reads::Integer),
            option("-p --price_disk", "price_disk").or("0.1"),
            word("-e --end_date").says("Until when the offer stands: A day (2031-03-01), a day with a time, or seconds since 1970; UTC"),
            option("-s --size", "size").or("15"),
        ],
    )
    .made(volume::offered),
    command(
        "list volumes",
        "offerVolume",
        &[
            ids("IDS", "machine"),
            option("-p --price_disk", "price_disk").or("0.1"),
            word("-e --end_date").says("Until when the offer stands: A day (2031-03-01), a day with a time, or seconds since 1970; UTC"),
            option("-s --size", "size").or("15"),
        ],
    )
    .made(volume::offered),
    command(
        "list network-volume",
        "offerNetworkVolume",
        &[
            place("DISK_ID", "disk_id"),
            option("-p --price_disk", "price_disk").or("0.15"),
            word("-e --end_date").says("Until when the offer stands: A day (2031-03-01), a day with a time, or seconds since 1970; UTC"),
            option("-s --size", "size").or("15"),
        ],
    )
    .made(volume::offered),
    command("unlist volume", "unlistVolume", &[ID]),
    command("unlist network-volume", "unlistNetworkVolume", &[ID]),
    command(
        "add network-disk",
        "addNetworkDisk",
        &[
            ids("MACHINES", "machines"),
            place("MOUNT_POINT", "mount_point"),
            option("-d --disk_id", "disk_id"),
        ],
    ),
    command("show network-disks", "showNetworkDisks", &[mark("-q --quiet").says("Print the ids alone")]),
];
