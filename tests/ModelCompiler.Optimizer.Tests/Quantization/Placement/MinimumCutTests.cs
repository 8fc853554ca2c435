using ModelCompiler.Optimizer.Quantization.Placement;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Quantization.Placement;

public class MinimumCutTests
{
    [Fact]
    public void The_cut_is_as_cheap_as_the_best_of_all_divisions()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            int vertices = 2 + random.Next(7);
            var edges = Enumerable.Range(0, 3 * vertices).Select(_ => (From: random.Next(vertices), To: random.Next(vertices), Cost: (double)random.Next(10))).ToList();
            var cut = new MinimumCut();
            for (int i = 2; i < vertices; i++) cut.AddVertex();
            foreach ((int from, int to, double cost) in edges) cut.AddEdge(from, to, cost);

            bool[] side = cut.Solve();

            Assert.True(side[MinimumCut.Source] && !side[MinimumCut.Sink], $"seed {seed}");
            double best = Enumerable.Range(0, 1 << (vertices - 2)).Min(mask => Cost(v => v == MinimumCut.Source || (v != MinimumCut.Sink && (mask >> (v - 2) & 1) == 1)));
            Assert.True(Math.Abs(best - Cost(v => side[v])) < 1e-9, $"seed {seed}: {Cost(v => side[v])} instead of {best}");

            double Cost(Func<int, bool> isOnSourceSide) => edges.Where(e => isOnSourceSide(e.From) && !isOnSourceSide(e.To)).Sum(e => e.Cost);
        }
    }

    [Fact]
    public void An_infinite_edge_is_never_cut()
    {
        var cut = new MinimumCut();
        int a = cut.AddVertex(), b = cut.AddVertex();
        cut.AddEdge(MinimumCut.Source, a, 10);
        cut.AddEdge(a, b, double.PositiveInfinity);
        cut.AddEdge(b, MinimumCut.Sink, 3);
        Assert.Equal([true, false, true, true], cut.Solve());
    }
}
