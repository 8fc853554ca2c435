using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Passes.Cleanup;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Measurement;

public sealed class PassBisectionTests
{
    private const int Length = 40;

    private static readonly (string, TensorBuffer)[] Inputs = [("x", TensorBuffer.Create([2], new[] { 1f, -2f }))];

    [Theory]
    [InlineData(0)]
    [InlineData(17)]
    [InlineData(Length - 1)]
    public void Names_the_pass_and_the_node_of_a_bad_change_among_many(int at)
    {
        Model model = Chain(at);
        var pipeline = new PassPipeline(new PassStage("test", [new IdentityRemoval(), new DropsNegation(), new RepeatedUnary(), new DeadCode()]));
        CulpritChange culprit = new PassBisection(model, pipeline, TargetProfile.CpuPortable, OutputTolerance.Float32).Find([Inputs])!;
        Assert.Equal("drops-negation", culprit.Change.Pass);
        Assert.Equal("bad (Neg)", culprit.Change.Where);
        Assert.InRange(culprit.Runs, 1, Math.Ceiling(Math.Log2(culprit.Total)) + 1);
        Assert.Equal(Length + 1, model.Graph.Nodes.Count);
    }

    [Fact]
    public void Finds_nothing_where_the_answers_agree()
    {
        var bisection = new PassBisection(Chain(3), PassPipeline.Float, TargetProfile.CpuPortable, OutputTolerance.Float32);
        Assert.Null(bisection.Find([Inputs]));
    }

    [Fact]
    public void Finds_a_change_after_which_the_model_does_not_load()
    {
        var pipeline = new PassPipeline(new PassStage("test", [new IdentityRemoval(), new MakesNonsense()]));
        CulpritChange culprit = new PassBisection(Chain(3), pipeline, TargetProfile.CpuPortable, OutputTolerance.Float32).Find([Inputs])!;
        Assert.Equal("makes-nonsense", culprit.Change.Pass);
        Assert.Contains("NoSuchOperator", culprit.Difference, StringComparison.Ordinal);
    }

    [Fact]
    public void Tries_the_samples_in_turn_and_says_what_differs()
    {
        var pipeline = new PassPipeline(new PassStage("test", [new DropsNegation()]));
        // Half of zero is no other answer than its negation.
        IReadOnlyList<(string, TensorBuffer)> zero = [("x", TensorBuffer.Create([2], new float[2]))], second = [("x", TensorBuffer.Create([2], new[] { 0f, 2f }))];
        CulpritChange culprit = new PassBisection(Chain(Length - 1), pipeline, TargetProfile.CpuPortable, OutputTolerance.Float32).Find([zero, second, Inputs])!;
        Assert.Equal(2, culprit.Sample);
        Assert.Equal("output 'y', element 1: 1 instead of -2", culprit.Difference);
    }

    /// <summary>Pairs of Abs and Identity, and one Neg.</summary>
    private static Model Chain(int at)
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 2);
        for (int i = 0; i < Length; i++)
        {
            x = b.Op(i % 2 == 0 ? "Identity" : "Abs", x);
            if (i != at) continue;
            x = b.Op("Neg", x);
            x.Producer!.Name = "bad";
        }
        return b.Output("y", x).Model;
    }

    private sealed class DropsNegation : RewritePass
    {
        public override string Name => "drops-negation";

        protected override Rewrite Visit(Node node, PassContext context)
        {
            if (!node.Is("Neg")) return Rewrite.None;
            // Half the value, so that no later Abs hides it.
            Node half = node.Graph.AddNode("Mul", [node.Input(0), node.Graph.AddInitializer("half", Tensor.Scalar(0.5f))], before: node);
            half.Output.Type = node.Output.Type;
            return Bypass.Around(node, half.Output, "dropped");
        }
    }

    private sealed class MakesNonsense : RewritePass
    {
        public override string Name => "makes-nonsense";

        protected override Rewrite Visit(Node node, PassContext context)
        {
            if (!node.Is("Neg")) return Rewrite.None;
            Node nonsense = node.Graph.AddNode("NoSuchOperator", [node.Input(0)], before: node);
            nonsense.Output.Type = node.Output.Type;
            return Bypass.Around(node, nonsense.Output, "made");
        }
    }
}
