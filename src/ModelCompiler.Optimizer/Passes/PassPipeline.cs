using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Cleanup;
using ModelCompiler.Optimizer.Passes.Folding;
using ModelCompiler.Optimizer.Passes.Fusion;
using ModelCompiler.Optimizer.Passes.Fusion.Activations;
using ModelCompiler.Optimizer.Passes.Fusion.Layout;
using ModelCompiler.Optimizer.Passes.Fusion.Normalizations;
using ModelCompiler.Optimizer.Passes.Fusion.Products;
using ModelCompiler.Optimizer.Passes.Fusion.Windows;
using ModelCompiler.Optimizer.Passes.Quantization;
using ModelCompiler.Optimizer.Quantization;

namespace ModelCompiler.Optimizer.Passes;

/// <summary>Stages of passes, and how they are run: one after the other and again from the first, until nothing changes.</summary>
public sealed class PassPipeline
{
    /// <summary>A pipeline of stages.</summary>
    public PassPipeline(params IReadOnlyList<PassStage> stages) => Stages = stages;

    /// <summary>What every model goes through: the answers stay as they are, bit for bit but for the rounding of fused arithmetic.</summary>
    public static PassPipeline Float { get; } = new(
        new PassStage("normalize",
        [
            new DeadCode(),
            new ConstantNodes(),
            new IdentityRemoval(),
            new DropoutRemoval(),
            new UnusedOutputs(),
        ]),
        new PassStage("fold",
        [
            new ShapeFolding(),
            new ConstantFolding(),
            new ConstantBranch(),
            new LoopUnrolling(),
        ]),
        new PassStage("clean",
        [
            new NoOpRemoval(),
            new CastChains(),
            new TransposeChains(),
            new ReshapeChains(),
            new SliceChains(),
            new RepeatedUnary(),
            new ClampMerging(),
            new DuplicateInitializers(),
            new CommonSubexpressions(),
            new DenormalFlush(),
        ]),
        new PassStage("fuse",
        [
            new FoldAffineIntoProducer(),
            new FoldAffineIntoConsumer(),
            new LayerNormalizationFusion(),
            new RmsNormalizationFusion(),
            new FoldAffineIntoNormalization(),
            new SoftmaxFusion(),
            new GeluFusion(),
            new HardSigmoidFusion(),
            new HardSwishFusion(),
            new GatedActivationFusion(),
            new LeakyReluFusion(),
            new FoldPadIntoWindow(),
            new MatMulAddToGemm(),
            new TransposeIntoGemm(),
            new ComposeProducts(),
            new ProjectBeforeUpsampling(),
            new TurnLayoutRegions(),
        ]));

    /// <summary>Static int8 by a plan and the ranges of its values.</summary>
    public static PassPipeline Quantization(QuantizationPlan plan, IReadOnlyDictionary<Value, ValueRange> ranges) => new(
        new PassStage("quantize", [new StaticQuantization(plan, ranges), new DeadCode()]));

    /// <summary>The stages, in order.</summary>
    public IReadOnlyList<PassStage> Stages { get; }

    /// <summary>Runs the passes on the model of <paramref name="context"/> to a fixpoint, or until its change budget is used up.</summary>
    /// <exception cref="CompilerException">A pass broke the graph (OM9002).</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled; the model is valid, and half done.</exception>
    public void Run(PassContext context, CancellationToken cancellationToken = default) =>
        new PassRunner(context, [.. Stages.SelectMany(stage => stage.Passes)]).Run(cancellationToken);
}
