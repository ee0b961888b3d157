// The word of the channels that a lane's next word belongs to, `onward` words on, of as many as an image has: a comparison
// costs less than a division for each word.

fn nextChannel(channel: u32, onward: u32, count: u32) -> u32 {
  let after = channel + onward;
  return select(after, after - count, after >= count);
}
