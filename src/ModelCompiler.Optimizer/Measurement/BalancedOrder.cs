namespace ModelCompiler.Optimizer.Measurement;

/// <summary>
/// Orders of contestants in which each follows each other one equally often, so that what a run leaves behind (caches, clock rates) meets all of them
/// alike: rows of a Latin square balanced for carry-over (Williams 1949). In a cyclic order each would always follow the same one.
/// </summary>
internal static class BalancedOrder
{
    /// <summary>The order of a round. Balanced over <paramref name="count"/> rounds, over twice as many where the number is odd.</summary>
    public static int[] Of(int count, int round)
    {
        // 0, 1, n − 1, 2, n − 2, …: neighbours differ by every number, each once.
        int[] order = [.. Enumerable.Range(0, count).Select(place => (round + (place % 2 == 0 ? count - place / 2 : (place + 1) / 2)) % count)];
        if (count % 2 != 0 && round / count % 2 != 0) Array.Reverse(order);
        return order;
    }
}
