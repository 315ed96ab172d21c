//! Which file systems tell nothing of what other machines write: read off `/proc/mounts`.

/// The sorts of file system that lie on another machine, or belong to another system on this one.
const NETWORK: [&str; 17] = [
    "9p",
    "afs",
    "beegfs",
    "ceph",
    "cifs",
    "davfs",
    "drvfs",
    "gfs2",
    "glusterfs",
    "lustre",
    "ncpfs",
    "nfs",
    "nfs4",
    "prl_fs",
    "smb3",
    "smbfs",
    "vboxsf",
];
/// Those that are programs: `fuse.sshfs` and the like.
const NETWORK_FUSE: [&str; 12] = [
    "ceph",
    "davfs",
    "davfs2",
    "gcsfuse",
    "glusterfs",
    "grpcfuse",
    "gvfsd-fuse",
    "osxfs",
    "rclone",
    "s3fs",
    "sshfs",
    "vmhgfs-fuse",
];

/// Returns the sort of file system a path lies on if it is one of the network.
pub(super) fn network(mounts: &str, path: &str) -> Option<String> {
    let sort = mounts
        .lines()
        .filter_map(|line| {
            let mut fields = line.split(' ').skip(1);
            Some((unescape(fields.next()?), fields.next()?))
        })
        .filter(|(place, _)| holds(place, path))
        // Of two on one place the later hides the earlier.
        .max_by_key(|(place, _)| place.len())?
        .1;
    let far = NETWORK.contains(&sort) || sort.strip_prefix("fuse.").is_some_and(|s| NETWORK_FUSE.contains(&s));
    far.then(|| sort.to_owned())
}

fn holds(place: &str, path: &str) -> bool {
    place == "/" || path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Undoes the escapes of spaces and the like: `\040`.
fn unescape(field: &str) -> String {
    let mut parts = field.split('\\');
    let mut bytes = parts.next().unwrap_or("").as_bytes().to_vec();
    for part in parts {
        let code = part.get(..3).and_then(|code| u8::from_str_radix(code, 8).ok());
        match code {
            Some(byte) => {
                bytes.push(byte);
                bytes.extend(&part.as_bytes()[3..]);
            }
            None => bytes.extend([b"\\", part.as_bytes()].concat()),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_mount_decides() {
        let mounts = "\
/dev/vda / ext4 rw 0 0
server:/archive /mnt/党建\\040档案 nfs4 rw 0 0
/dev/vdb /mnt/党建\\040档案/local xfs rw 0 0
me@host: /home/me/far fuse.sshfs rw 0 0
/dev/fuse /home/me/near fuse.portal rw 0 0
C:\\134 /mnt/c 9p rw 0 0
";
        assert_eq!(network(mounts, "/mnt/党建 档案/site").as_deref(), Some("nfs4"));
        assert_eq!(network(mounts, "/mnt/党建 档案/local/site"), None);
        assert_eq!(network(mounts, "/mnt/党建 档案外"), None);
        assert_eq!(network(mounts, "/home/me/far").as_deref(), Some("fuse.sshfs"));
        assert_eq!(network(mounts, "/home/me/near"), None);
        assert_eq!(network(mounts, "/mnt/c/site").as_deref(), Some("9p"));
        assert_eq!(network("", "/x"), None);
    }
}
