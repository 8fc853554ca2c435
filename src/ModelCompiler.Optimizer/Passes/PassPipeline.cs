using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Cleanup;
using ModelCompiler.Optimizer.Passes.Folding;
using ModelCompiler.Optimizer.Passes.Fusion;
using ModelCompiler.Optimizer.Passes.Fusion.Activations;
using ModelCompiler.Optimizer.Passes.Fusion.Attention;
using ModelCompiler.Optimizer.Passes.Fusion.Layout;
using ModelCompiler.Optimizer.Passes.Fusion.Normalizations;
using ModelCompiler.Optimizer.Passes.Fusion.Products;
using ModelCompiler.Optimizer.Passes.Fusion.Windows;
using ModelCompiler.Optimizer.Passes.Precision;
using ModelCompiler.Optimizer.Passes.Quantization;

namespace ModelCompiler.Optimizer.Passes;

/// <summary>Stages of passes, and how they are run: one after the other and again from the first, until nothing changes.</summary>
public sealed class PassPipeline
{
    /// <summary>A pipeline of stages.</summary>
    public PassPipeline(params IReadOnlyList<PassStage> stages) => Stages = stages;

    /// <summary>What a model goes through that runs in floating point: the answers stay as they are, bit for bit but for the rounding of fused arithmetic.</summary>
    public static PassPipeline Float { get; } = Arithmetic([.. FloatActivations(), new ResidualSums(), new WidePadding()], staysFloat: true);

    /// <summary>
    /// What a model goes through before it is quantized: activations stay in pieces that have integer kernels. (A network of hard-swish took
    /// 0.78 of the time on QLinearAdd and QLinearMul that it took with HardSigmoid between DequantizeLinear and QuantizeLinear.)
    /// </summary>
    public static PassPipeline BeforeQuantization { get; } = Arithmetic([new HardActivationExpansion(), new SumsToAdditions()], staysFloat: false);

    /// <summary>
    /// Transposed convolutions as convolutions, see <see cref="SubpixelConvolution"/>, and what shuffles pixels with channels last, see <see cref="SubpixelShuffle"/>: not where the
    /// model stays in floating point, which is slower so, and is what integers are compared with.
    /// </summary>
    public static PassPipeline Subpixels { get; } = new(new PassStage("subpixels", [new SubpixelConvolution(), new SubpixelShuffle(), new FoldAffineIntoProducer(), new ReshapeChains(), new TransposeChains(), new DeadCode()]));

    /// <summary>Products of tokens as products of rows, see <see cref="TokensAsRows"/>: before ranges are observed, and not where the model stays in floating point.</summary>
    public static PassPipeline Rows { get; } = new(new PassStage("rows", [new TokensAsRows(), new DuplicateInitializers(), new CommonSubexpressions(), new ReshapeChains(), new DeadCode()]));

    /// <summary>Static int8 by <see cref="StaticQuantization"/>.</summary>
    /// <param name="quantization">What runs on integers.</param>
    /// <param name="onTiles">The names of convolutions that are to multiply on tiles; null for none.</param>
    /// <param name="besides">Passes for what is quantized without ranges; null for none.</param>
    public static PassPipeline Quantization(StaticQuantization quantization, IReadOnlySet<string>? onTiles = null, IReadOnlyList<IPass>? besides = null) => new(
        new PassStage("quantize", [quantization, .. besides ?? [], new DeadCode()]),
        // What is left in floating point by now. The factor of a hard-swish that was put together again goes back into the weights behind it.
        new PassStage("activate", [.. FloatActivations(), new FoldAffineIntoConsumer(), new ResidualSums()]),
        new PassStage("lay out", [new IntegerShapes(), new PictureBlocks(), new AveragesAsConvolutions(), new ChannelAlignment(), new TileWeights(onTiles ?? new HashSet<string>()), new FloatPools(), new PaddedPools(), new CapturedMovements(), new TokenProducts(), new DeadCode(), new DuplicateInitializers(LeastShared), new OwnIntegers()]));

    /// <summary>Bytes of weights that are worth sharing on integers: with zero points that two nodes share, a session that somebody asks for exact sums all the same does not open.</summary>
    private const long LeastShared = 256;

    /// <summary>Nothing: for what prepares copies of the model itself.</summary>
    public static PassPipeline Empty { get; } = new();

    /// <summary>Weights in fewer bits: the passes that make them, and what is left over goes.</summary>
    public static PassPipeline Weights(params IReadOnlyList<IPass> passes) => new(new PassStage("quantize", [.. passes, new DeadCode(), new OwnIntegers()]));

    /// <summary>The stages, in order.</summary>
    public IReadOnlyList<PassStage> Stages { get; }

    /// <summary>Runs the passes on the model of <paramref name="context"/> to a fixpoint, or until its change budget is used up.</summary>
    /// <exception cref="CompilerException">A pass broke the graph (OM9002).</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled; the model is valid, and half done.</exception>
    public void Run(PassContext context, CancellationToken cancellationToken = default) =>
        new PassRunner(context, Stages).Run(cancellationToken);

    private static PassPipeline Arithmetic(IReadOnlyList<IPass> activations, bool staysFloat) => new(
        new PassStage("normalize",
        [
            new DeadCode(),
            new ConstantNodes(),
            new HalfWidening(HalfFormat.Float16),
            new IdentityRemoval(),
            new DropoutRemoval(),
            new UnusedOutputs(),
            new ResizeAxes(),
            new WholeWindows(),
        ]),
        new PassStage("fold",
        [
            new ShapeFolding(),
            new ConstantFolding(keepsSize: staysFloat),
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
            new ConcatChains(),
            new ConcatPrefixes(),
            new RepeatedUnary(),
            new ClampMerging(),
            new DuplicateInitializers(),
            new CommonSubexpressions(),
            new DenormalFlush(),
        ]),
        // Whole normalizations and activations are found before their constants are folded into the products around them.
        new PassStage("fuse",
        [
            new FoldPadIntoWindow(leavesWide: staysFloat),
            new PaddedPools(),
            new TurnLayoutRegions(),
            new TransposeIntoGemm(),
            new EinsumToMatMul(),
            new MatrixWeights(),
            new MatMulAddToGemm(),
            new LayerNormalizationFusion(),
            new RmsNormalizationFusion(),
            new GroupNormalizationExpansion(),
            new GroupNormalizationFusion(),
            new SoftmaxFusion(),
            new AttentionFusion(),
            new GlobalAverages(),
            new GeluFusion(),
            new LeakyReluFusion(),
            new PReluExpansion(),
            new GatedActivationFusion(),
            new MishExpansion(),
            .. activations,
            new FoldAffineIntoProducer(),
            new FoldAffineIntoNormalization(),
            new FoldAffineIntoConsumer(),
            new ComposeProducts(),
            new ProjectBeforeUpsampling(),
        ]),
        new PassStage("divide", [new OwnIntegers()]));

    private static IPass[] FloatActivations() => [new HardSigmoidFusion(), new HardSwishFusion()];
}
