using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Passes.Cleanup;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes;

public sealed class PassPipelineTests
{
    [Fact]
    public void Runs_to_a_fixpoint_and_does_nothing_the_second_time()
    {
        Model model = Sample();
        var first = new PassContext(model, TargetProfile.CpuPortable);
        PassPipeline.Float.Run(first);
        Assert.Equal(["Add", "Relu"], model.Graph.Operators());
        BitExact.SameAnswers(Sample(), model);

        var second = new PassContext(model, TargetProfile.CpuPortable);
        PassPipeline.Float.Run(second);
        Assert.Equal(0, second.ChangeCount);
    }

    [Fact]
    public void Records_time_runs_and_changes_of_each_pass()
    {
        var context = new PassContext(Sample(), TargetProfile.CpuPortable);
        PassPipeline.Float.Run(context);
        Assert.Equal(PassPipeline.Float.Stages.SelectMany(stage => stage.Passes).Select(pass => pass.Name), context.Times.Select(time => time.Pass));
        Assert.Equal(context.ChangeCount, context.Times.Sum(time => time.Changes));
        Assert.All(context.Times, time => Assert.True(time.Runs >= 1));
    }

    [Fact]
    public void Names_of_passes_are_unique()
    {
        string[] names = [.. PassPipeline.Float.Stages.SelectMany(stage => stage.Passes).Select(pass => pass.Name)];
        Assert.Equal(names.Distinct(), names);
        Assert.All(names, name => Assert.Matches("^[a-z0-9]+(-[a-z0-9]+)*$", name));
    }

    [Fact]
    public void Every_prefix_of_the_changes_is_a_valid_model_with_the_same_answers()
    {
        var all = new PassContext(Sample(), TargetProfile.CpuPortable);
        PassPipeline.Float.Run(all);
        for (int budget = 0; budget <= all.ChangeCount; budget++)
        {
            Model model = Sample();
            var context = new PassContext(model, TargetProfile.CpuPortable) { ChangeBudget = budget };
            PassPipeline.Float.Run(context);
            Assert.Equal(all.Changes.Take(budget), context.Changes);
            Assert.Empty(GraphVerifier.Verify(model));
            BitExact.SameAnswers(Sample(), model, what: $"after {budget} changes:");
        }
    }

    [Fact]
    public void Names_the_pass_the_node_and_the_rule_when_a_pass_breaks_the_graph()
    {
        var pipeline = new PassPipeline(new PassStage("test", [new Breaks(node => node.TrimInputs(0))]));
        var e = Assert.Throws<CompilerException>(() => pipeline.Run(new PassContext(Sample(), TargetProfile.CpuPortable)));
        Assert.Equal("OM9002", e.Code);
        Assert.Contains("'breaks'", e.Message, StringComparison.Ordinal);
        Assert.Contains("Relu", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_the_pass_when_the_graph_refuses_its_edit()
    {
        var pipeline = new PassPipeline(new PassStage("test", [new Breaks(node => node.Graph.Remove(node.Graph.Nodes.First!))]));
        var e = Assert.Throws<CompilerException>(() => pipeline.Run(new PassContext(Sample(), TargetProfile.CpuPortable)));
        Assert.Equal("OM9002", e.Code);
        Assert.Contains("in use", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Says_when_passes_undo_each_other()
    {
        var context = new PassContext(Sample(), TargetProfile.CpuPortable);
        new PassPipeline(new PassStage("test", [new Renames("a"), new Renames("b")])).Run(context);
        Assert.Contains(context.Events, e => e.Text.Contains("did not come to rest", StringComparison.Ordinal));
    }

    [Fact]
    public void Stops_when_it_is_cancelled()
    {
        Assert.Throws<OperationCanceledException>(() =>
            PassPipeline.Float.Run(new PassContext(Sample(), TargetProfile.CpuPortable), new CancellationToken(true)));
    }

    [Fact]
    public void Takes_back_refusals_of_which_the_reason_is_gone()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 4);
        // Refused until the dead reader of the first Clip is gone.
        Value first = b.Op("Clip", x, b.Scalar(0f), b.Scalar(5f));
        b.Output("y", b.Op("Clip", first, b.Scalar(1f), b.Scalar(6f)));
        b.Op("Neg", first);
        var context = new PassContext(b.Model, TargetProfile.CpuPortable);
        new PassPipeline(new PassStage("test", [new ClampMerging(), new DeadCode()])).Run(context);
        Assert.Equal(["Clip"], b.Graph.Operators());
        Assert.DoesNotContain(context.Events, e => e.Kind == PassEventKind.Refused);
    }

    /// <summary>Has something for most passes: Relu(x + 0.5·2) in many words.</summary>
    private static Model Sample()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 2, 4);
        Value half = b.Op("Constant", [], new NodeAttribute("value_floats", [0.5f, 0.5f, 0.5f, 0.5f]));
        Value one = b.Op("Mul", half, b.Scalar(2f));
        Value turned = b.Op("Transpose", b.Op("Transpose", b.Op("Identity", x)));
        Value sum = b.Op("Add", b.Op("Reshape", b.Op("Flatten", turned), b.Op("Shape", x)), one);
        Value relu = b.Op("Relu", b.Op("Relu", b.Op("Mul", sum, b.Scalar(1f))));
        b.Op("Exp", sum);
        return b.Output("y", b.Op("Dropout", relu)).Model;
    }

    private sealed class Breaks(Action<Node> how) : IPass
    {
        public string Name => "breaks";

        public void Apply(PassContext context)
        {
            Node relu = context.Graph.Nodes.First(node => node.OpType == "Relu");
            how(relu);
            context.Changed(relu.ToString(), "broken");
        }
    }

    private sealed class Renames(string name) : IPass
    {
        public string Name => name;

        public void Apply(PassContext context)
        {
            if (context.Graph.Name == name) return;
            context.Graph.Name = name;
            context.Changed(name, "renamed");
        }
    }
}
